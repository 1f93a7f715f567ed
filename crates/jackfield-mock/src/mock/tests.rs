use jackfield_recipe::{Encoding, Input, Payload, Step};
use serde_json::{Value, json};

use super::{Mock, Schemas};
use crate::definitions::OwnDefinitions;
use crate::operation::Operation;
use crate::replies::{Replies, Reply};
use crate::sample::fits;
use crate::wire::Request;

/// The input schemas of the operations.
struct Inputs(Vec<Value>);

impl Schemas for Inputs {
    fn input(&self, operation: usize) -> Value {
        self.0[operation].clone()
    }

    fn misfit(&self, _: usize, schema: &Value, arguments: &Value) -> Option<String> {
        (!fits(arguments, schema, &OwnDefinitions(schema))).then(|| format!("{arguments} does not fit"))
    }

    fn reply(&self, _: usize) -> Reply {
        Reply::json(200, json!({ "title": "Dune", "from": "the output schema" }))
    }
}

fn arg(name: &str, required: bool) -> Input {
    Input::arg(name, required)
}

fn operation(tool: &str, method: &str, path: &str, steps: Vec<Step>) -> Operation {
    Operation {
        tool: tool.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        steps,
        ..Operation::default()
    }
}

fn schema(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Returns a shop: a list with query parameters, an operation with a path variable, a JSON body, a form, an upload, and JSON lines.
fn shop() -> Mock {
    let find = operation(
        "find",
        "GET",
        "/books",
        vec![
            Step::Query { wire: "tags".into(), input: arg("tags", false), encoding: Encoding::JOINED },
            Step::Query { wire: "at".into(), input: arg("at", false), encoding: Encoding::DEEP },
            Step::Query { wire: "size".into(), input: arg("size", true), encoding: Encoding::FORM },
        ],
    );
    let read = operation(
        "read",
        "GET",
        "/books/{id}",
        vec![Step::Path { wire: "id".into(), input: arg("id", true), encoding: Encoding::SIMPLE }],
    );
    let add = operation(
        "add",
        "POST",
        "/books",
        vec![
            Step::JsonObject,
            Step::JsonField { wire: "title".into(), input: arg("title", true) },
            Step::JsonField { wire: "kind".into(), input: Input::Fixed { json: "\"book\"".into() } },
        ],
    );
    let order = operation(
        "order",
        "POST",
        "/orders",
        vec![Step::Form, Step::FormField { wire: "items".into(), input: arg("items", true), encoding: None }],
    );
    let upload = operation(
        "upload",
        "PUT",
        "/files",
        vec![
            Step::Multipart,
            Step::Part {
                wire: "file".into(),
                input: arg("file", true),
                payload: Payload::Bytes,
                media_type: String::new(),
            },
        ],
    );
    let import = operation(
        "import",
        "POST",
        "/lines",
        vec![Step::JsonBody { input: arg("lines", false) }, Step::JsonLines],
    );
    let inputs = vec![
        schema(
            json!({
                "tags": { "type": "array", "items": { "type": "integer" } },
                "at": { "type": "object", "properties": { "row": { "type": "integer" } } },
                "size": { "type": "integer", "maximum": 10 },
            }),
            &["size"],
        ),
        schema(json!({ "id": { "type": "string", "pattern": "^b[0-9]+$" } }), &["id"]),
        schema(json!({ "title": { "type": "string", "minLength": 2 } }), &["title"]),
        schema(
            json!({ "items": { "type": "array", "items": {
                "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } },
            } } }),
            &["items"],
        ),
        schema(json!({ "file": { "type": "string" } }), &["file"]),
        schema(json!({ "lines": { "type": "array", "items": { "type": "integer" } } }), &[]),
    ];
    let mut replies = Replies::default();
    replies.add("find", Reply::json(200, json!([])));
    Mock::new(vec![find, read, add, order, upload, import], replies, Inputs(inputs))
        .below(["https://shop.example/v1/"])
}

/// Sends a request with the request line `METHOD TARGET`. Returns the status and the body of the answer.
fn ask(line: &str, kind: &str, body: &str) -> (u16, String) {
    let (method, target) = line.split_once(' ').unwrap();
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![("Content-Type".to_owned(), kind.to_owned())],
        body: body.as_bytes().to_vec(),
    };
    let answer = shop().answer(&request);
    (answer.status, String::from_utf8(answer.body).unwrap())
}

#[test]
fn mock_replies_to_requests_that_match_an_operation() {
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    let parts = "multipart/form-data; boundary=b";
    let file =
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\x01\r\n--b--\r\n";
    for (line, kind, body) in [
        ("GET /books?size=3", "", ""),
        ("GET /v1/books?tags=1,2&size=3&at%5Brow%5D=4", "", ""),
        ("GET /books/b1", "", ""),
        ("GET /v1/books/%621", "", ""),
        ("POST /books", json, r#"{"title": "Dune", "kind": "book"}"#),
        ("POST /orders", form, "items%5B0%5D%5Bn%5D=1&items%5B1%5D%5Bn%5D=2"),
        ("POST /orders", form, ""),
        ("PUT /files", parts, file),
        ("POST /lines", "application/x-ndjson", "1\n2\n"),
    ] {
        let (status, text) = ask(line, kind, body);
        assert_eq!(status, 200, "{line} {body}: {text}");
    }
    let created = ask("POST /books", json, r#"{"title": "Emma", "kind": "book"}"#).1;
    assert_eq!(created, r#"{"title":"Emma","from":"the output schema"}"#);
}

#[test]
fn mock_refuses_requests_that_violate_an_operation() {
    let json = "application/json";
    let parts = "multipart/form-data; boundary=b";
    for (line, kind, body, status, reason) in [
        ("GET /book", "", "", 404, "no operation matches the path of GET /book"),
        (
            "DELETE /books",
            "",
            "",
            405,
            "DELETE /books: the operations with this path have only the methods GET, POST",
        ),
        ("GET /books", "", "", 400, "query parameter `size` is required and missing"),
        ("GET /books?size=11", "", "", 400, "does not fit"),
        ("GET /books?size=few", "", "", 400, "does not fit"),
        ("GET /books?size=1&tags=1,x", "", "", 400, "does not fit"),
        ("GET /books?size=1&page=2", "", "", 400, "there is no query parameter `page`"),
        ("GET /books/x1", "", "", 400, "does not fit"),
        ("GET /books/b1", json, "{}", 400, "the operation has no body"),
        ("POST /books", json, "", 400, "property `title` of the body is required and missing"),
        ("POST /books", json, "[]", 400, "the body has to be an object"),
        ("POST /books", json, "{", 400, "the body is not JSON"),
        ("POST /books", json, r#"{"title": "D", "kind": "book"}"#, 400, "does not fit"),
        ("POST /books", json, r#"{"title": 12, "kind": "book"}"#, 400, "does not fit"),
        ("POST /books", json, r#"{"title": "Dune", "kind": "map"}"#, 400, "property `kind` has to be"),
        (
            "POST /books",
            json,
            r#"{"title": "Dune", "kind": "book", "x": 1}"#,
            400,
            "the body has no property `x`",
        ),
        ("POST /orders", "", "items%5B0%5D%5Bn%5D=one", 400, "does not fit"),
        ("POST /orders", "", "other=1", 400, "the form has no field `other`"),
        ("POST /lines", "application/x-ndjson", "1\n{\n", 400, "the body is not JSON lines"),
        ("PUT /files", parts, "", 400, "part `file` is required and missing"),
        ("PUT /files", parts, "--b\r\n", 400, "the body is not multipart, or ends too early"),
    ] {
        let (found, text) = ask(line, kind, body);
        assert_eq!(found, status, "{line} {body}: {text}");
        assert!(text.contains(reason), "{line} {body}: {text}");
    }
}
