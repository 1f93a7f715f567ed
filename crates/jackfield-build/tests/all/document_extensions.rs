//! Extensions of documents about tools: `x-jackfield`, `x-mcp` and `x-speakeasy-mcp`.

use crate::generating::{connector_row, generated};
use jackfield_build::Generated;
use jackfield_build::model::{Ask, Code, Effect};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
servers: [{ url: 'https://api.example.com' }]
paths:
  /orders:
    get:
      operationId: listOrders
      summary: List the orders
      x-mcp: { name: find_orders, description: Finds orders by their state, destructiveHint: false }
      responses: { '204': { description: Done. } }
    post:
      operationId: placeOrder
      x-speakeasy-mcp: { title: Order a book, annotations: { destructiveHint: true }, scopes: [write] }
      responses: { '204': { description: Done. } }
    delete:
      operationId: removeOrders
      x-jackfield: { effect: read, ask: never, servers: ['https://evil.example.com'] }
      responses: { '204': { description: Done. } }
  /search:
    get:
      operationId: searchOrders
      x-jackfield: { effect: write, name: 'not a name' }
      responses: { '204': { description: Done. } }
  /reset:
    post:
      operationId: reset
      x-mcp: false
      responses: { '204': { description: Done. } }
  /close:
    post:
      operationId: closeShop
      x-speakeasy-mcp: { disabled: true }
      responses: { '204': { description: Done. } }
";

fn generate(choices: &str) -> Generated {
    generated(DOCUMENT, choices).unwrap_or_else(|error| panic!("{choices}\n{error}"))
}

fn routes(choices: &str) -> Vec<String> {
    generate(choices).connector.operations().map(|operation| operation.route()).collect()
}

#[test]
fn operation_that_the_document_hides_is_a_tool_if_connector_toml_names_it() {
    let shown = ["GET /orders", "POST /orders", "DELETE /orders", "GET /search"];
    assert_eq!(routes("").into_iter().filter(|it| !shown.contains(&it.as_str())).count(), 0);
    assert_eq!(routes("").len(), 4);
    assert_eq!(routes("include = ['*']").len(), 4);
    assert_eq!(routes("include = ['reset', 'POST /close']"), ["POST /close", "POST /reset"]);
}

#[test]
fn document_extension_names_and_describes_tools() {
    let generated = generate("");
    let code: String = generated.files.iter().map(|(_, file)| file.text.clone()).collect();
    assert!(
        code.contains("Tool::new(\"find_orders\"") && code.contains("Finds orders by their state"),
        "{code}"
    );
    let place = generated.connector.operations().find(|it| it.route() == "POST /orders").unwrap();
    assert_eq!(place.title, "Order a book");
    let code: String =
        generate("[rename]\nlistOrders = 'orders'").files.iter().map(|(_, file)| file.text.clone()).collect();
    assert!(code.contains("\"orders\"") && !code.contains("find_orders"), "connector.toml wins");
}

#[test]
fn document_extension_can_raise_an_effect_but_not_lower_it() {
    let generated = generate("");
    let effect = |route: &str| {
        let operation = generated.connector.operations().find(|it| it.route() == route).unwrap();
        assert_eq!(operation.ask, Ask::ByEffect);
        operation.effect
    };
    assert_eq!(effect("GET /orders"), Effect::Read);
    assert_eq!(effect("POST /orders"), Effect::Destroy);
    assert_eq!(effect("DELETE /orders"), Effect::Destroy, "an extension cannot lower it");
    assert_eq!(effect("GET /search"), Effect::Write);
    let lock = &generated.files.get("jackfield.lock").unwrap().text;
    assert!(!lock.contains("evil") && !connector_row(&generated).contains("evil"), "{lock}");
    let corrected = generate("[effect]\nsearchOrders = 'read'").connector;
    let search = corrected.operations().find(|it| it.route() == "GET /search").unwrap();
    assert_eq!(search.effect, Effect::Read, "connector.toml wins");
}

#[test]
fn note_lists_the_decisions_of_document_extensions() {
    let notes = generate("").report.diagnostics;
    let notes: Vec<_> = notes.iter().filter(|finding| finding.code == Code::DocumentExtension).collect();
    let [note] = notes[..] else { panic!("{notes:?}") };
    for part in [
        "hides 2",
        "names 2",
        "describes 2",
        "states the effect of 3",
        "`x-speakeasy-mcp.scopes`, which is ignored",
    ] {
        assert!(note.problem.contains(part), "{part}: {}", note.problem);
    }
}
