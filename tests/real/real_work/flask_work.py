import flask
import jinja2
from shown import uses

uses(
    flask="Flask",
    jinja2="Jinja2",
    werkzeug="Werkzeug",
    markupsafe="MarkupSafe",
    itsdangerous="itsdangerous",
    click="click",
)
app = flask.Flask(__name__)
app.secret_key = "made up"
shop = flask.Blueprint("shop", __name__, url_prefix="/shop")


@shop.route("/<int:number>", methods=["GET", "POST"])
def item(number):
    flask.session["last"] = number
    if flask.request.method == "POST":
        return flask.jsonify(number=number, sent=flask.request.get_json())
    return flask.render_template_string(
        "{% for x in range(3) %}{{ x }},{% endfor %}{{ url_for('shop.item', number=1) }}{{ '<b>' }}"
    )


app.register_blueprint(shop)


@app.errorhandler(404)
def missing(error):
    return f"no such page: {error.code}", 404


@app.cli.command("greet")
def greet():
    print("hello from a command of", flask.current_app.name)


client = app.test_client()
print(client.get("/shop/7").get_data(as_text=True), client.get("/shop/x").get_data(as_text=True))
print(client.post("/shop/8", json={"a": 1}).get_json(), client.get("/shop").status_code)
with client.session_transaction() as session:
    print(dict(session))
print(app.test_cli_runner().invoke(args=["greet"]).output)
print(jinja2.Environment(autoescape=True).from_string("{{ x }}").render(x="<i>"))
print(sorted(map(str, app.url_map.iter_rules())))
