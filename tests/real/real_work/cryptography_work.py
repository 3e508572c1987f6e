import datetime

import cryptography
from cryptography import x509
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from shown import uses

uses(cryptography="cryptography", cffi="cffi")
key = Fernet(Fernet.generate_key())
token = key.encrypt(b"secret")
print(key.decrypt(token))
try:
    Fernet(Fernet.generate_key()).decrypt(token)
except InvalidToken as error:
    print(type(error).__module__)
print(PBKDF2HMAC(hashes.SHA256(), 16, b"salt", 1000).derive(b"password").hex())
print(AESGCM(b"k" * 16).encrypt(b"n" * 12, b"data", b"more").hex())
private = rsa.generate_private_key(65537, 1024)
signature = private.sign(b"data", padding.PKCS1v15(), hashes.SHA256())
private.public_key().verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())
signer = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "made.example")])
made = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(signer.public_key())
    .serial_number(77)
    .not_valid_before(datetime.datetime(2024, 1, 1))
    .not_valid_after(datetime.datetime(2034, 1, 1))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("made.example")]), critical=False)
    .sign(signer, hashes.SHA256())
)
read = x509.load_pem_x509_certificate(made.public_bytes(serialization.Encoding.PEM))
print(read.subject.rfc4514_string(), read.serial_number, read.signature_hash_algorithm.name)
print(read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName))
print(cryptography.__name__, read == made)
