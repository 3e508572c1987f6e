import io
import pickle

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps, features
from shown import uses

uses(PIL="Pillow")
picture = Image.new("RGB", (40, 30), "navy")
draw = ImageDraw.Draw(picture)
draw.ellipse((5, 5, 30, 25), fill=(250, 200, 10))
draw.text((2, 2), "hi", font=ImageFont.load_default())
for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000"):
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    read = Image.open(io.BytesIO(buffer.getvalue()))
    read.load()
    print(kind, len(buffer.getvalue()), read.mode, read.convert("RGB").getpixel((18, 15)))
print(picture.filter(ImageFilter.GaussianBlur(2)).getpixel((6, 6)), ImageOps.mirror(picture).getbbox())
print(picture.rotate(45, expand=True).size, picture.convert("L").histogram()[:3])
print(pickle.loads(pickle.dumps(picture)) == picture, features.check("jpg"), type(picture).__module__)
print(sorted(Image.registered_extensions().items())[:5])
