import google.api_core
import google.auth
from google.api_core import exceptions, operation, page_iterator, path_template, retry
from google.auth import credentials, crypt, jwt
from google.longrunning import operations_pb2
from google.protobuf import struct_pb2
from google.rpc import error_details_pb2, status_pb2
from google.type import date_pb2, money_pb2
from shown import uses

uses(
    google__api_core="google-api-core",
    google__auth="google-auth",
    google__protobuf="protobuf",
    google__rpc="googleapis-common-protos",
)
tries = []


@retry.Retry(predicate=retry.if_exception_type(exceptions.ServiceUnavailable), initial=0.001, maximum=0.01)
def flaky():
    tries.append(1)
    if len(tries) < 3:
        raise exceptions.ServiceUnavailable("not yet")
    return "done"


print(flaky(), len(tries), exceptions.from_http_status(404, "gone").code)
print(path_template.expand("v1/*/shops/{shop}", "me", shop="3"), path_template.validate("a/*", "a/b"))
status = status_pb2.Status(code=5, message="gone")
status.details.add().Pack(error_details_pb2.ErrorInfo(reason="lost", domain="made.example"))
unpacked = error_details_pb2.ErrorInfo()
print(status.details[0].Unpack(unpacked), unpacked.reason, status.details[0].type_url)
finished = operations_pb2.Operation(name="op", done=True)
finished.response.Pack(struct_pb2.Value(string_value="result"))
future = operation.Operation(finished, lambda: finished, lambda: None, struct_pb2.Value)
print(future.result().string_value, future.done())
pages = page_iterator.HTTPIterator(
    None,
    lambda **_: {"items": [1, 2]},
    "/path",
    lambda _, item: item * 10,
)
print(list(pages), money_pb2.Money(currency_code="EUR", units=3).units, date_pb2.Date(year=2024).year)
print(credentials.AnonymousCredentials().valid, crypt.__name__, jwt.__name__)
