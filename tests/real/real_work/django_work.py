import asyncio
import io

import django
from django.conf import settings
from shown import uses

uses(django="Django", asgiref="asgiref", sqlparse="sqlparse")
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="made up",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Count
from django.forms import CharField, Form, IntegerField
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.test import AsyncClient, Client
from django.urls import path, reverse
from django.utils import translation


class Question(Form):
    name = CharField(max_length=5)
    age = IntegerField(min_value=0)


def page(request, number):
    request.session["seen"] = number
    template = engines["django"].from_string("{% for one in many %}{{ one|title }};{% endfor %}{{ name }}")
    return HttpResponse(template.render({"many": ["a b", "c"], "name": "<&>"}))


def ask(request):
    form = Question(request.POST)
    return JsonResponse({"valid": form.is_valid(), "errors": form.errors}, status=200 if form.is_valid() else 422)


urlpatterns = [path("page/<int:number>/", page, name="page"), path("ask/", ask)]
call_command("migrate", verbosity=0)
User.objects.create_user("ann", password="secret")
User.objects.create(username="bob", first_name="Bob")
print(User.objects.filter(username__startswith="a").get().check_password("secret"))
print(list(User.objects.values("is_staff").annotate(many=Count("id")).values_list("is_staff", "many")))
client = Client()
shown = client.get(reverse("page", args=[7]))
print(shown.status_code, shown.content.decode(), client.session["seen"])
print(client.post("/ask/", {"name": "too long", "age": -1}).json(), client.get("/nowhere/").status_code)
print(asyncio.run(AsyncClient().get("/page/3/")).content.decode())
with translation.override("de"):
    print(translation.gettext("Monday"), Question({"age": "x"}).errors.as_text())
out = io.StringIO()
call_command("inspectdb", "auth_user", stdout=out)
print("class AuthUser(models.Model)" in out.getvalue(), django.get_version())
