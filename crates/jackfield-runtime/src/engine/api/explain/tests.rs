use jackfield_recipe::{Encoding, Input, Step};
use serde_json::{Value, json};

use super::piece::{Piece, PieceSource, RequestPart};
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::api::explain::Explanation;
use crate::v1::{Connector, Effect, Group, Location, Need, ParameterSetting, Scheme, Server, Tool};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn steps() -> &'static [Step] {
    let arg = |name: &str, required| Input::arg(name, required);
    Vec::leak(vec![
        Step::Path { wire: "bookId".into(), input: arg("book_id", true), encoding: Encoding::SIMPLE },
        Step::Query { wire: "tag[]".into(), input: arg("tags", false), encoding: Encoding::FORM },
        Step::Query {
            wire: "v".into(),
            input: Input::Fixed { json: "\"2\"".into() },
            encoding: Encoding::FORM,
        },
        Step::Header { wire: "X-Shelf".into(), input: arg("shelf", false), encoding: Encoding::SIMPLE },
        Step::Cookie { wire: "seen".into(), input: arg("seen", false), encoding: Encoding::FORM },
        Step::JsonObject,
        Step::JsonField { wire: "note".into(), input: arg("note", false) },
        Step::JsonField { wire: "lost".into(), input: arg("lost", false) },
    ])
}

fn api(variables: &[(&str, &str)]) -> Api {
    let needs: &[Need] = leak([Need::scheme("token").scopes(&["books:write"])]);
    let tool = Tool::interpreted("set_note", "PUT", "/books/{bookId}/note", steps())
        .effect(Effect::Write)
        .accept("application/json")
        .input(r#"{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}}}}"#)
        .security(leak([needs]));
    let groups: &[Group] = leak([Group::new("books", leak([leak(tool)]))]);
    let connector = Connector::new("shop")
        .servers(leak([Server::new("https://shop.invalid/v1")]))
        .schemes(leak([Scheme::bearer("token")]))
        .headers(&[("X-Channel", "web")])
        .settings(leak([ParameterSetting::query("region").value("eu")]))
        .groups(groups);
    Api::new(leak(connector), Environment::of(variables.iter().copied()))
}

async fn explained(variables: &[(&str, &str)], arguments: Value) -> Explanation {
    let api = api(variables);
    let tool = api.rows().tools().next().unwrap();
    let Value::Object(arguments) = arguments else { panic!("no object") };
    api.explain(tool, arguments).await.unwrap()
}

fn arguments() -> Value {
    json!({ "book_id": "a/b", "tags": ["x y", "z"], "shelf": "top", "seen": 1, "note": "hello" })
}

#[tokio::test]
async fn explanation_of_a_call_names_the_source_of_each_request_part() {
    let explained = explained(&[("SHOP_TOKEN", "canary-1")], arguments()).await;
    let argument =
        |argument: &str, wire: &str| PieceSource::Argument { argument: argument.into(), wire: wire.into() };
    let setting = |wire: &str, variable: &str| PieceSource::Setting {
        wire: wire.into(),
        variable: variable.into(),
        is_set: false,
    };
    let (document, runtime) = (PieceSource::Document, PieceSource::Runtime);
    let expected = [
        (RequestPart::Method, "", "PUT", document.clone()),
        (RequestPart::BaseUrl, "", "https://shop.invalid/v1", document.clone()),
        (RequestPart::Path, "", "books", document.clone()),
        (RequestPart::Path, "", "a%2Fb", argument("book_id", "bookId")),
        (RequestPart::Path, "", "note", document.clone()),
        (RequestPart::Query, "tag%5B%5D", "x%20y", argument("tags", "tag[]")),
        (RequestPart::Query, "tag%5B%5D", "z", argument("tags", "tag[]")),
        (RequestPart::Query, "v", "2", PieceSource::Constant { wire: "v".into() }),
        (RequestPart::Query, "region", "eu", setting("region", "SHOP_QUERY_REGION")),
        (RequestPart::Header, "accept", "application/json", document.clone()),
        (RequestPart::Header, "user-agent", "shop-mcp", runtime),
        (RequestPart::Header, "X-Channel", "web", setting("X-Channel", "SHOP_HEADER_X_CHANNEL")),
        (RequestPart::Header, "X-Shelf", "top", argument("shelf", "X-Shelf")),
        (RequestPart::Header, "content-type", "application/json", document),
        (
            RequestPart::Header,
            "authorization",
            "Bearer <SHOP_TOKEN>",
            PieceSource::Credential { scheme: "token".into() },
        ),
        (RequestPart::Cookie, "seen", "1", argument("seen", "seen")),
        (RequestPart::Body, "note", "\"hello\"", argument("note", "note")),
    ];
    let expected = expected.map(|(part, name, value, from)| Piece {
        part,
        name: name.to_owned(),
        value: value.to_owned(),
        from: vec![from],
    });
    assert_eq!(explained.pieces, expected);
}

#[tokio::test]
async fn explained_request_equals_the_dry_run_request() {
    let variables = [("SHOP_TOKEN", "canary-1"), ("SHOP_QUERY_REGION", "us")];
    let explained = explained(&variables, arguments()).await;
    let api = api(&variables);
    let tool = api.rows().tools().next().unwrap();
    let Value::Object(arguments) = arguments() else { panic!("no object") };
    let rehearsed = api.rehearse(tool, arguments).await.unwrap();
    assert_eq!(explained.request, rehearsed.outgoing.to_string());
    assert!(!format!("{explained:?}").contains("canary"), "{explained:?}");
    let [used] = explained.credentials.as_slice() else { panic!("{:?}", explained.credentials) };
    assert_eq!(used.sources, ["SHOP_TOKEN"]);
    assert_eq!((used.place.as_str(), used.is_set), ("header `authorization`", true));
    assert_eq!(used.scopes, ["books:write"]);
    assert!(explained.pieces.iter().any(|piece| piece.name == "region"
        && piece.from
            == [PieceSource::Setting {
                wire: "region".into(),
                variable: "SHOP_QUERY_REGION".into(),
                is_set: true
            }]));
}

#[tokio::test]
async fn explanation_of_invalid_arguments_fails_with_the_error_of_the_call() {
    let api = api(&[]);
    let tool = api.rows().tools().next().unwrap();
    let Value::Object(arguments) = json!({ "book_id": ".." }) else { panic!("no object") };
    let explained = api.explain(tool.clone(), arguments.clone()).await.unwrap_err().to_string();
    let rehearsed = api.rehearse(tool, arguments).await.err().unwrap().to_string();
    assert_eq!(explained, rehearsed);
}

#[tokio::test]
async fn credential_replaces_an_argument_of_the_same_name() {
    let steps = Vec::leak(vec![Step::Query {
        wire: "key".into(),
        input: Input::arg("key", false),
        encoding: Encoding::FORM,
    }]);
    let needs: &[Need] = leak([Need::scheme("key")]);
    let tool = Tool::interpreted("list", "GET", "/books", steps)
        .input(r#"{"type":"object","properties":{"key":{"type":"string"}}}"#)
        .security(leak([needs]));
    let groups: &[Group] = leak([Group::new("books", leak([leak(tool)]))]);
    let connector = Connector::new("shop")
        .servers(leak([Server::new("https://shop.invalid")]))
        .schemes(leak([Scheme::api_key("key", Location::Query, "key")]))
        .groups(groups);
    let api = Api::new(leak(connector), Environment::of([("SHOP_API_KEY", "canary-2")]));
    let Value::Object(arguments) = json!({ "key": "mine" }) else { panic!("no object") };
    let tool = api.rows().tools().next().unwrap();
    let explained = api.explain(tool, arguments).await.unwrap();
    let query: Vec<&Piece> =
        explained.pieces.iter().filter(|piece| piece.part == RequestPart::Query).collect();
    let [piece] = query.as_slice() else { panic!("{query:?}") };
    assert_eq!(piece.from, [PieceSource::Credential { scheme: "key".into() }]);
    assert!(!explained.request.contains("mine") && !explained.request.contains("canary"));
}

#[tokio::test]
async fn explanation_of_a_download_shows_the_file_instead_of_the_file_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let tool = Tool::interpreted("get_cover", "GET", "/cover", Vec::leak(Vec::new())).effect(Effect::Read);
    let groups: &[Group] = leak([Group::new("books", leak([leak(tool)]))]);
    let connector =
        Connector::new("shop").servers(leak([Server::new("https://shop.invalid")])).groups(groups);
    let api = Api::new(leak(connector), Environment::of([("SHOP_DOWNLOADS", path.as_str())]));
    let Value::Object(arguments) = json!({ "save_to": "a.png" }) else { panic!("no object") };
    let tool = api.rows().tools().next().unwrap();
    let explained = api.explain(tool, arguments).await.unwrap();
    let note = format!("the reply is stored in {path}/a.png; the service does not get these arguments");
    assert_eq!(explained.notes, [note]);
    assert!(!explained.request.contains("a.png") && !explained.request.contains("save_to"));
    assert!(!folder.path().join("a.png").exists());
}
