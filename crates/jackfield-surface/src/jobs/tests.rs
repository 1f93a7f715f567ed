//! Tests of the detection of jobs.

use jackfield_model::{
    Arg, ArgName, Connector, ConnectorName, Encoding, Group, Input, Method, Place, Pointer, Schema,
    StatedJob, StatedLink, Step, WireName,
};
use serde_json::{Value, json};

use super::*;

fn text() -> Value {
    json!({ "type": "string" })
}

fn operation(route: &str, status: u16, properties: Value) -> Operation {
    let (method, path) = route.split_once(' ').unwrap();
    let place = Place { file: "api.yaml".into(), pointer: Pointer::root() };
    let method = Method::new(method).unwrap();
    let effect = if method.is_safe() { Effect::Read } else { Effect::Write };
    let mut operation = Operation { effect, ..Operation::new(method, path, place) };
    for variable in path.split('{').skip(1) {
        let wire = variable.split('}').next().unwrap();
        let name = ArgName::new(wire).unwrap();
        operation.args.push(Arg { name: name.clone(), required: true, schema: Schema::new(text()) });
        let input = Input::arg(wire.to_owned(), true);
        operation.recipe.push(Step::Path {
            wire: wire.to_owned(),
            input,
            encoding: Encoding::default_of(jackfield_model::Location::Path),
        });
    }
    operation.replies.push(Reply {
        status: Status::Code(status),
        media_type: Some("application/json".to_owned()),
        schema: (!properties.is_null())
            .then(|| Schema::new(json!({ "type": "object", "properties": properties }))),
        example: None,
    });
    operation
}

/// Returns a line that describes the job of the first operation.
fn recognised(operations: Vec<Operation>) -> String {
    let names: Vec<ToolName> =
        (0..operations.len()).map(|at| ToolName::new(format!("tool_{at}").as_str()).unwrap()).collect();
    let tag = WireName::new("all").unwrap();
    let mut connector = Connector {
        groups: vec![Group { tag, description: String::new(), operations }],
        ..Connector::new(ConnectorName::new("api").unwrap())
    };
    recognise_jobs(&mut connector, &names);
    let Some(job) = connector.groups[0].operations[0].job.clone() else { return "none".to_owned() };
    let mut line = job.style().to_owned();
    if let Some((id, reader)) = &job.id {
        line += &format!(" {id} {}({})", reader.tool, reader.argument);
    }
    for (word, value) in [("at", &job.address), ("state", &job.state), ("result", &job.result)] {
        line += &value.as_ref().map(|value| format!(" {word}={value}")).unwrap_or_default();
    }
    if job.last == JobResult::Named { line } else { format!("{line} {:?}", job.last) }
}

fn job_reader(route: &str) -> Operation {
    operation(route, 200, json!({ "id": text(), "status": text() }))
}

#[test]
fn url_property_of_a_202_body_is_the_status_url_if_its_name_says_so() {
    let uri = json!({ "type": "string", "format": "uri" });
    for (properties, expected) in [
        (json!({ "status_url": text() }), "address at=/status_url"),
        (json!({ "statusQueryGetUri": text(), "id": text() }), "address at=/statusQueryGetUri"),
        (
            json!({ "links": { "properties": { "status": { "properties": { "href": text() } } } } }),
            "address at=/links/status/href",
        ),
        (json!({ "job": { "properties": { "url": text() } } }), "address at=/job/url"),
        (
            json!({ "state": text(), "links": { "properties": { "self": uri } } }),
            "address at=/links/self state=/state",
        ),
        (json!({ "job": { "properties": { "html_url": text() } } }), "none"),
        (json!({ "callback_url": text(), "status": text() }), "none"),
        (json!({ "status": text() }), "none"),
    ] {
        assert_eq!(
            recognised(vec![operation("POST /videos", 202, properties.clone())]),
            expected,
            "{properties}"
        );
        // Only a 202 response starts a job.
        assert_eq!(recognised(vec![operation("POST /videos", 200, properties)]), "none");
    }
}

#[test]
fn job_id_of_a_202_body_is_passed_to_the_operation_that_reads_the_job() {
    let id = |name: &str| json!({ name: text() });
    for (route, properties, reader, expected) in [
        ("POST /reports", id("job_id"), "GET /jobs/{id}", "id /job_id tool_1(id) state=/status"),
        ("POST /reports", id("jobId"), "GET /jobs/{job_id}", "id /jobId tool_1(job_id) state=/status"),
        ("POST /exports", id("id"), "GET /exports/{export}", "id /id tool_1(export) state=/status"),
        ("POST /reports", id("id"), "GET /tasks/{id}", "id /id tool_1(id) state=/status"),
        (
            "POST /reports",
            json!({ "job": { "properties": { "id": text() } } }),
            "GET /jobs/{id}",
            "id /job/id tool_1(id) state=/status",
        ),
        (
            "POST /{team}/reports",
            id("job_id"),
            "GET /{team}/jobs/{id}",
            "id /job_id tool_1(id) state=/status",
        ),
        // The identifier belongs to another resource.
        ("POST /reports", id("id"), "GET /users/{id}", "none"),
        ("POST /reports", id("user_id"), "GET /jobs/{id}", "none"),
        // The reader requires an argument that the starting operation does not have.
        ("POST /reports", id("job_id"), "GET /{team}/jobs/{id}", "none"),
    ] {
        let operations = vec![operation(route, 202, properties), job_reader(reader)];
        assert_eq!(recognised(operations), expected, "{route} {reader}");
    }
    // A reply without a state is not a status.
    let plain = operation("GET /jobs/{id}", 200, json!({ "id": text() }));
    assert_eq!(recognised(vec![operation("POST /reports", 202, id("job_id")), plain]), "none");
    // Two operations fit equally well.
    let operations = vec![
        operation("POST /reports", 202, id("job_id")),
        job_reader("GET /jobs/{id}"),
        job_reader("GET /v2/jobs/{id}"),
    ];
    assert_eq!(recognised(operations), "none");
}

#[test]
fn long_running_operation_is_polled_by_the_get_that_returns_the_same_object() {
    let object = || {
        let error = json!({ "properties": { "code": { "type": "integer" } } });
        json!({ "name": text(), "done": { "type": "boolean" }, "error": error })
    };
    let start = || operation("POST /v1/instances", 200, object());
    let reader = |route: &str| operation(route, 200, object());
    let expected = "id /name tool_1(id) state=/done result=/response";
    assert_eq!(recognised(vec![start(), reader("GET /v1/operations/{id}")]), expected);
    assert_eq!(recognised(vec![start()]), "none");
    // A to-do item may also have the properties `name` and `done`.
    let todo = |route: &str| operation(route, 200, json!({ "name": text(), "done": { "type": "boolean" } }));
    assert_eq!(recognised(vec![todo("POST /todos"), todo("GET /todos/{id}")]), "none");
}

#[test]
fn links_and_headers_of_the_document_take_precedence_over_detected_job_ids() {
    let stated = |job: StatedJob| {
        let mut start = operation("POST /imports", 202, json!({ "ref": text(), "job_id": text() }));
        start.stated.job = job;
        let mut reader = job_reader("GET /states/{reference}");
        reader.id = Some(WireName::from("getState"));
        recognised(vec![start, reader, job_reader("GET /jobs/{id}")])
    };
    let link = |operation: &str, expression: &str| StatedJob {
        links: vec![StatedLink {
            operation: operation.to_owned(),
            parameters: vec![("reference".to_owned(), expression.to_owned())],
        }],
        ..StatedJob::default()
    };
    let linked = "id /ref tool_1(reference) state=/status";
    assert_eq!(stated(link("getState", "$response.body#/ref")), linked);
    assert_eq!(stated(link("GET /states/{reference}", "$response.body#/ref")), linked);
    let by_body = "id /job_id tool_2(id) state=/status";
    assert_eq!(stated(link("getState", "$request.body#/ref")), by_body);
    assert_eq!(stated(link("getOther", "$response.body#/ref")), by_body);
    assert_eq!(stated(StatedJob { has_header: true, ..StatedJob::default() }), "header");
    for (option, expected) in [
        ("location", "header Location"),
        ("original-uri", "header Call"),
        ("operation-location", "header Status"),
        ("x", "header"),
    ] {
        let job =
            StatedJob { is_long_running: true, final_state: Some(option.to_owned()), ..StatedJob::default() };
        assert_eq!(stated(job), expected);
    }
}
