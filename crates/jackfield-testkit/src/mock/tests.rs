use jackfield_model::{
    Connector, ConnectorName, Effect, Group, Method, Operation, Place, Pointer, Pool, Reply, Schema, Server,
    Status, WireName,
};
use serde_json::{Value, json};

use super::Mock;
use crate::upstream::Recorded;

fn operation(route: &str, replies: Vec<Reply>) -> Operation {
    let (method, path) = route.split_once(' ').unwrap();
    let place = Place { file: "books.yaml".into(), pointer: Pointer::root() };
    let operation = Operation::new(Method::new(method).unwrap(), path, place);
    Operation { title: route.to_owned(), effect: Effect::Write, replies, ..operation }
}

fn reply(status: Status, schema: Value) -> Reply {
    let media_type = Some("application/json".to_owned());
    Reply { status, media_type, schema: Some(Schema::new(schema)), example: None }
}

fn shows(example: Value) -> Vec<Reply> {
    vec![Reply { example: Some(example), ..reply(Status::Code(200), json!({})) }]
}

fn connector(operations: Vec<Operation>) -> Connector {
    let book = json!({"type": "object", "required": ["id", "title"], "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "price": {"type": "number", "maximum": 100},
        "sequel": {"$ref": "#/$defs/Book"},
    }});
    let books = WireName::new("books").unwrap();
    Connector {
        servers: vec![Server::at("https://books.example/v1/")],
        groups: vec![Group { tag: books, description: String::new(), operations }],
        pool: Pool { receive: [("Book".to_owned(), Schema::new(book))].into(), ..Pool::default() },
        ..Connector::new(ConnectorName::new("books").unwrap())
    }
}

fn request(method: &str, target: &str, body: &str) -> Recorded {
    Recorded {
        method: method.to_owned(),
        target: target.to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        head: Vec::new(),
        certificate: None,
    }
}

/// Returns the status and the JSON body of the answer.
fn ask(mock: &Mock, method: &str, target: &str, body: &str) -> (u16, Value) {
    let answer = mock.answer(&request(method, target, body));
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn book() -> Value {
    json!({"$ref": "#/$defs/Book"})
}

#[test]
fn mock_answer_contains_values_of_the_request() {
    let mock = Mock::of(&connector(vec![
        operation(
            "POST /books",
            vec![reply(Status::Code(400), json!({"type": "string"})), reply(Status::Code(201), book())],
        ),
        operation("GET /books/{id}", vec![reply(Status::Range(2), book())]),
        operation("GET /books", vec![reply(Status::Default, json!({"type": "array", "items": book()}))]),
        operation(
            "DELETE /books/{id}",
            vec![Reply { media_type: None, schema: None, ..shows(Value::Null).remove(0) }],
        ),
    ]));
    let (status, created) =
        ask(&mock, "POST", "/v1/books", r#"{"title": "Dune", "price": 12, "unknown": 1}"#);
    assert_eq!(
        (status, created),
        (201, json!({"id": 1, "title": "Dune", "price": 12, "sequel": {"id": 1, "title": "title"}}))
    );
    // Values that do not fit the schema are not copied. A missing base path is accepted.
    let (_, refused) = ask(&mock, "POST", "/books", r#"{"title": 7, "price": 101}"#);
    assert_eq!((&refused["title"], &refused["price"]), (&json!("title"), &json!(1.5)));
    let (status, found) = ask(&mock, "GET", "/v1/books/42?title=A+B%21&price=3", "");
    assert_eq!(
        (status, &found["id"], &found["title"], &found["price"]),
        (200, &json!(42), &json!("A B!"), &json!(3))
    );
    let (_, list) = ask(&mock, "GET", "/books", "");
    assert_eq!((&list[0]["id"], &list[1]["id"], &list[2]), (&json!(1), &json!(2), &Value::Null));
    assert_eq!(mock.answer(&request("DELETE", "/books/1", "")).body, b"");
}

#[test]
fn values_of_a_form_are_copied_into_the_answer() {
    let mock = Mock::of(&connector(vec![operation("POST /books", vec![reply(Status::Code(200), book())])]));
    let mut form = request("POST", "/books", "title=A%26B&id=9");
    form.headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    let answer: Value = serde_json::from_slice(&mock.answer(&form).body).unwrap();
    assert_eq!((&answer["id"], &answer["title"]), (&json!(9), &json!("A&B")));
}

#[test]
fn mock_uses_the_most_specific_route_that_matches() {
    let show = |route: &str| operation(route, shows(json!({"route": route})));
    let mock = Mock::of(&connector(vec![
        show("GET /books/{id}"),
        show("GET /books/latest"),
        show("GET /{shelf}/{id}"),
        show("GET /books/{id}.json"),
        show("GET /{owner}.{repo}/files/{name}"),
        show("POST /books/{id}"),
        show("POST /books/{id}?action=lend"),
        show("GET /"),
    ]));
    let asked = |line: &str| {
        let (method, target) = line.split_once(' ').unwrap();
        ask(&mock, method, target, "")
    };
    for (line, route) in [
        ("GET /v1/books/7", "GET /books/{id}"),
        ("GET /v1/books/a%2Fb", "GET /books/{id}"),
        ("GET /v1/books/l%61test?x=1", "GET /books/latest"),
        ("GET /v1/cellar/7", "GET /{shelf}/{id}"),
        ("GET /v1/books/7.json", "GET /books/{id}.json"),
        ("GET /v1/a.b.c/files/x", "GET /{owner}.{repo}/files/{name}"),
        ("POST /books/7?action=lend", "POST /books/{id}?action=lend"),
        ("POST /books/7?action=burn", "POST /books/{id}"),
        ("GET http://books.example/v1/books/7", "GET /books/{id}"),
        ("GET /v1/", "GET /"),
        ("GET /v1", "GET /"),
    ] {
        assert_eq!(asked(line), (200, json!({"route": route})), "{line}");
    }
    for line in ["PUT /books/7", "GET /v1/books/", "GET /v1/books/1/2/3", "GET /v1/v1/books/1"] {
        assert_eq!(asked(line), (404, json!({"error": format!("no operation matches {line}")})));
    }
    let moved = mock.under("/v2/");
    assert_eq!(ask(&moved, "GET", "/v2/books/7", "").0, 200);
    assert_eq!(ask(&moved, "GET", "/v1/books/7", "").0, 404);
}

#[tokio::test]
async fn mock_server_answers_over_http() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let text = Reply {
        status: Status::Code(200),
        media_type: Some("text/plain".to_owned()),
        schema: Some(Schema::new(json!({"type": "string", "examples": ["hello"]}))),
        example: None,
    };
    let mock = Mock::of(&connector(vec![operation("GET /greeting", vec![text])]));
    let upstream = crate::Upstream::start(mock.responder()).await.unwrap();
    let address = upstream.base_url().trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /v1/greeting HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert_eq!(reply, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello");
}
