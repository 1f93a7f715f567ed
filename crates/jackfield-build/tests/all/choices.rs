//! Choices of connector.toml about request bodies, approvals, servers and promoted tools.

use std::fs;

use jackfield_build::model::{Ask, Code, Connector, Operation, Step, WireName};
use jackfield_build::{CrateFolder, Error, LockChanges};

use crate::generating::shop_document;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: ../api }]
paths:
  /books:
    get: { operationId: listBooks, responses: { '204': { description: Done. } } }
    post:
      operationId: importBooks
      requestBody:
        content:
          application/json: { schema: { type: array, items: {} } }
          text/csv: { schema: { type: string } }
      responses: { '204': { description: Done. } }
  /orders:
    post:
      operationId: placeOrder
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: { schema: { type: object, properties: { at: { type: object } } } }
      responses: { '204': { description: Done. } }
  /quotes:
    post:
      operationId: askQuote
      requestBody:
        content:
          application/x-www-form-urlencoded: { schema: { required: [at], properties: { at: { type: object } } } }
      responses: { '204': { description: Done. } }
";

/// Three operations. The body of the first is optional, the body of the second may be null, and the body of the third
/// is an array.
const BODIES: &str = shop_document!(
    "\
paths:
  /loans:
    post:
      operationId: lend
      requestBody:
        content:
          application/json: { schema: { type: object, properties: { to: { type: string }, days: { type: integer } } } }
      responses: { '204': { description: Done. } }
  /notes:
    post:
      operationId: note
      requestBody:
        required: true
        content:
          application/json: { schema: { type: object, properties: { text: { type: string } } } }
      responses: { '204': { description: Done. } }
  /lists:
    post:
      operationId: order
      requestBody:
        content:
          application/json: { schema: { type: array, items: {} } }
      responses: { '204': { description: Done. } }
    get: { operationId: orders, responses: { '204': { description: Done. } } }
"
);

fn generate(choices: &str) -> Result<(Connector, Vec<Code>), Error> {
    generate_from(DOCUMENT, choices)
}

fn generate_from(document: &str, choices: &str) -> Result<(Connector, Vec<Code>), Error> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), document).unwrap();
    let text = format!("document = \"shop.yaml\"\n{choices}\n");
    fs::write(folder.path().join("connector.toml"), text).unwrap();
    let generated = CrateFolder::open(folder.path())?.generate()?;
    let codes = generated.report.diagnostics.iter().map(|finding| finding.code).collect();
    Ok((generated.connector, codes))
}

fn refused(choices: &str) -> String {
    match generate(choices) {
        Ok(_) => panic!("{choices} was accepted"),
        Err(error) => error.to_string(),
    }
}

fn media_type(connector: &Connector) -> String {
    let mut bodies = connector.operations().filter_map(|operation| operation.body.as_ref());
    bodies.next().unwrap().media_type.clone()
}

#[test]
fn media_table_selects_an_operation_by_operation_id_or_route() {
    assert_eq!(media_type(&generate("").unwrap().0), "application/json");
    for key in ["importBooks", "\"POST /books\""] {
        let (connector, _) = generate(&format!("[media]\n{key} = \"text/csv\"")).unwrap();
        assert_eq!(media_type(&connector), "text/csv", "{key}");
    }
}

#[test]
fn media_type_that_the_document_does_not_list_is_an_error() {
    let text = refused("[media]\nimportBooks = \"image/png\"");
    assert!(
        text.contains(
            "`importBooks` in [media] does not offer `image/png`, only `application/json`, `text/csv`"
        ),
        "{text}"
    );
    assert!(text.contains("connector.toml:3:"), "{text}");
    for key in ["listBooks", "nobody"] {
        let text = refused(&format!("[media]\n{key} = \"text/csv\""));
        assert!(text.contains("matches no operation that becomes a tool and has a body"), "{key}: {text}");
    }
}

/// Returns the operations whose recipe serializes objects in forms as JSON.
fn with_json(connector: &Connector) -> Vec<&str> {
    let is_json = |operation: &&Operation| operation.recipe.contains(&Step::FormJson);
    let ids = connector.operations().filter(is_json).filter_map(|operation| operation.id.as_ref());
    ids.map(WireName::as_str).collect()
}

#[test]
fn objects_in_forms_are_sent_as_json_if_connector_toml_says_so() {
    for (choices, expected) in [
        ("", vec![]),
        ("[form]\nobjects = \"brackets\"", vec![]),
        ("[form]\nobjects = \"json\"", vec!["placeOrder", "askQuote"]),
        ("[form]\nplaceOrder = \"json\"", vec!["placeOrder"]),
        ("[form]\nobjects = \"json\"\n\"POST /orders\" = \"brackets\"", vec!["askQuote"]),
        ("[form]\n\"POST /quotes\" = \"json\"\n\"POST *\" = \"brackets\"", vec!["askQuote"]),
        ("[form]\n\"effect:write\" = \"json\"\n\"tool:ask_quote\" = \"brackets\"", vec!["placeOrder"]),
    ] {
        assert_eq!(with_json(&generate(choices).unwrap().0), expected, "{choices}");
    }
}

#[test]
fn form_table_entry_for_an_operation_that_sends_no_form_is_an_error() {
    for key in ["listBooks", "importBooks", "nobody"] {
        let text = refused(&format!("[form]\n{key} = \"json\""));
        assert!(
            text.contains("in [form] matches no operation that becomes a tool and sends a form"),
            "{text}"
        );
        assert!(text.contains("connector.toml:3:"), "{text}");
    }
    let text = refused("[form]\nobjects = \"xml\"");
    assert!(text.contains("connector.toml:3:"), "{text}");
}

/// Returns the tools whose calls always or never need approval.
fn asks(choices: &str) -> Vec<(String, Ask)> {
    let (connector, _) = generate(choices).unwrap();
    let asked = connector.operations().filter(|operation| operation.ask != Ask::ByEffect);
    asked.map(|operation| (operation.route(), operation.ask)).collect()
}

#[test]
fn tool_needs_approval_if_connector_toml_requires_it() {
    let list = || "GET /books".to_owned();
    assert_eq!(asks(""), []);
    for key in ["list_books", "listBooks", "\"GET /books\""] {
        assert_eq!(asks(&format!("[ask]\n{key} = \"always\"")), [(list(), Ask::Always)], "{key}");
    }
    // A route overrides a tool name. A tool name overrides the operationId of another tool.
    let both = "[ask]\n\"GET /books\" = \"never\"\nlist_books = \"always\"";
    let text = refused(both);
    assert!(text.contains("`list_books` in [ask] changes nothing: more specific keys apply"), "{text}");
    let both = "[ask]\n\"effect:read\" = \"always\"\nlist_books = \"never\"";
    assert_eq!(refused(both).matches("more specific keys apply").count(), 1);
    let several = "[ask]\n\"*\" = \"always\"\n\"POST *\" = \"never\"\n\"/quotes\" = \"always\"";
    let asked: Vec<Ask> = asks(several).into_iter().map(|(_, ask)| ask).collect();
    assert_eq!(asked, [Ask::Always, Ask::Never, Ask::Never, Ask::Always]);
    let swapped = "[rename]\nimportBooks = \"listBooks\"\n[ask]\nlistBooks = \"never\"";
    assert_eq!(asks(swapped), [("POST /books".to_owned(), Ask::Never)]);
}

#[test]
fn approval_entry_with_an_unknown_tool_or_value_is_an_error() {
    let text = refused("[ask]\nlist_boks = \"never\"");
    assert!(text.contains("`list_boks` in [ask] matches no tool"), "{text}");
    assert!(text.contains("did you mean `list_books`?") && text.contains("connector.toml:3:"), "{text}");
    assert!(refused("[ask]\nlistBooks = \"sometimes\"").contains("connector.toml:3:"));
}

#[test]
fn approval_set_to_never_adds_a_line_to_the_lock() {
    let before = file("", "jackfield.lock");
    assert!(!before.contains("\nask ") && !file("", "books.rs").contains("Ask"), "{before}");
    let choice = "[ask]\nlistBooks = \"never\"";
    let after = file(choice, "jackfield.lock");
    assert!(after.contains("\nask list_books never\n") && after.contains("\n# ask "), "{after}");
    let rows = file(choice, "books.rs");
    assert!(rows.contains(".ask(Ask::Never)") && rows.contains("Args, Ask, Effect,"), "{rows}");
    let changes = LockChanges::between(&before, &after).to_string();
    assert_eq!(changes, "approval of tool list_books: by effect → never");
}

#[test]
fn form_table_of_connector_toml_changes_the_lock() {
    let line = |choices: &str| {
        let lock = lock(choices);
        lock.lines().find(|line| line.starts_with("tool place_order ")).unwrap().to_owned()
    };
    assert_eq!(line(""), line("[form]\nobjects = \"brackets\""));
    assert_ne!(line(""), line("[form]\nobjects = \"json\""));
}

/// Returns the lock of the generated connector.
fn lock(choices: &str) -> String {
    file(choices, "jackfield.lock")
}

/// Returns the generated file whose path ends like this.
fn file(choices: &str, end: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), DOCUMENT).unwrap();
    let text = format!("document = \"shop.yaml\"\n{choices}\n");
    fs::write(folder.path().join("connector.toml"), text).unwrap();
    let generated = CrateFolder::open(folder.path()).unwrap().generate().unwrap();
    let file = generated.files.iter().find(|(path, _)| path.to_string().ends_with(end));
    file.unwrap().1.text.clone()
}

#[test]
fn relative_server_is_resolved_against_document_url() {
    let (connector, codes) =
        generate("document_url = \"https://shop.example.com/v1/docs/openapi.yaml\"").unwrap();
    assert_eq!(
        connector.servers.first().map(|server| server.url.as_str()),
        Some("https://shop.example.com/v1/api")
    );
    assert!(!codes.contains(&Code::NoServer));
    let (_, codes) = generate("").unwrap();
    assert!(codes.contains(&Code::NoServer));
    let text = refused("document_url = \"shop.yaml\"");
    assert!(text.contains("is not an absolute URL"), "{text}");
}

/// Returns the codes of the findings about these servers, and the origins that count as named by the user.
fn private(servers: &str, choices: &str) -> (Vec<Code>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), DOCUMENT.replace("{ url: ../api }", servers)).unwrap();
    let text = format!("document = \"shop.yaml\"\n{choices}\n");
    fs::write(folder.path().join("connector.toml"), text).unwrap();
    let generated = CrateFolder::open(folder.path()).unwrap().generate().unwrap();
    let codes = generated.report.diagnostics.iter().map(|finding| finding.code);
    (codes.filter(|code| *code == Code::PrivateServer).collect(), generated.connector.named)
}

#[test]
fn private_server_is_reported_until_connector_toml_names_it() {
    let local = "{ url: 'http://localhost:8080/v1' }";
    assert_eq!(private(local, ""), (vec![Code::PrivateServer], vec![]));
    for (choices, named) in [
        ("[auth]\norigins = [\"http://localhost:8080\"]", &[][..]),
        ("servers = [\"http://localhost:8080/v2\"]", &["http://localhost:8080"]),
        ("servers = [\"unix:///run/shop.sock\"]", &["unix:///run/shop.sock"]),
        ("document_url = \"http://localhost:8080/openapi.yaml\"", &["http://localhost:8080"]),
    ] {
        let (codes, has_named) = private(local, choices);
        assert_eq!(
            (codes.as_slice(), has_named.as_slice()),
            (&[][..], &named.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..]),
            "{choices}"
        );
    }
    // A relative server counts as named by the user, because the user set `document_url`.
    let published = "document_url = \"http://10.1.2.3/openapi.yaml\"";
    assert_eq!(private("{ url: /v1 }", published), (vec![], vec!["http://10.1.2.3".to_owned()]));
    // In a URL that begins with two slashes, the host comes from the document.
    assert_eq!(private("{ url: '//localhost/v1' }", published).0, [Code::PrivateServer]);
    assert_eq!(private("{ url: 'unix:///run/shop.sock' }", "").0, [Code::PrivateServer]);
    assert_eq!(private("{ url: 'https://api.example.com' }, { url: 'http://localhost' }", "").0, []);
}

#[test]
fn connector_toml_chooses_the_surface_and_the_promoted_tools() {
    let (connector, _) =
        generate("surface = \"promoted\"\npromote = [\"place_order\", \"list_books\"]").unwrap();
    assert_eq!(connector.surface.as_str(), "promoted");
    let promoted: Vec<&str> = connector.promoted.iter().map(|name| name.as_str()).collect();
    assert_eq!(promoted, ["place_order", "list_books"]);
    for (choices, said) in [
        ("surface = \"serch\"", "did you mean `search`?"),
        ("surface = \"all\"", "use one of `each`, `promoted`, `search`, `auto`"),
        ("promote = [\"list_book\"]", "did you mean `list_books`?"),
        (
            "promote = [\"list_books\", \"/books\", \"GET /books\"]",
            "`GET /books` in `promote` changes nothing",
        ),
        ("promote = [\"list_books\", \"!effect:write\"]", "`!effect:write` in `promote` changes nothing"),
        ("promote = [\"tag:nothing\"]", "`tag:nothing` in `promote` matches no tool"),
        ("promote = [\"\"]", "an empty selector selects nothing"),
    ] {
        let text = refused(choices);
        assert!(text.contains(said), "{choices}: {text}");
    }
}

#[test]
fn selectors_choose_at_most_five_promoted_tools() {
    const SHOP: &str = include_str!("../../../../specs/bookshop.yaml");
    for (promote, expected) in [
        ("'place_order', 'list_*', '!list_customers'", "place_order list_books list_categories list_orders"),
        ("'GET /books*', 'list_books', 'get_order'", ""),
        ("'id:getOrder', '/books', '!effect:write'", "get_order list_books"),
    ] {
        let generated = generate_from(SHOP, &format!("promote = [{promote}]"));
        let promoted = generated.map(|(connector, _)| {
            connector.promoted.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        });
        match (expected, promoted) {
            ("", Err(error)) => {
                assert!(error.to_string().contains("`list_books` in `promote` changes nothing"), "{error}");
            }
            (expected, promoted) => assert_eq!(promoted.unwrap_or_else(|error| panic!("{error}")), expected),
        }
    }
    for (promote, problem) in [
        ("'*'", "`promote` selects 15 tools (limit 5)"),
        ("'!tag:books'", "`promote` selects "),
        ("'tag:books', 'list_orders', 'get_order'", "(limit 5)"),
    ] {
        let error = generate_from(SHOP, &format!("promote = [{promote}]")).err().unwrap().to_string();
        assert!(error.contains(problem), "{promote}: {error}");
    }
}

/// Returns the arguments of an operation with these choices.
fn arguments(id: &str, choices: &str) -> Vec<String> {
    let (connector, _) = generate_from(BODIES, choices).unwrap();
    let operation = connector.operations().find(|it| it.id.as_ref().is_some_and(|own| own.as_str() == id));
    operation.unwrap().args.iter().map(|arg| arg.name.to_string()).collect()
}

#[test]
fn object_body_becomes_a_single_argument_if_connector_toml_says_so() {
    assert_eq!(arguments("lend", ""), ["to", "days", "body"]);
    assert_eq!(arguments("note", ""), ["text"]);
    for choices in ["[body]\nlend = \"whole\"", "[body]\n\"POST /loans\" = \"whole\""] {
        assert_eq!(arguments("lend", choices), ["body"], "{choices}");
        assert_eq!(arguments("note", choices), ["text"], "{choices}");
    }
    assert_eq!(arguments("note", "[body]\nnote = \"whole\""), ["body"]);
    assert_eq!(arguments("order", "[body]\norder = \"whole\""), ["body"]);
}

#[test]
fn body_table_entry_for_an_operation_without_a_body_is_an_error() {
    for key in ["orders", "nobody", "\"GET /lists\""] {
        let text = generate_from(BODIES, &format!("[body]\n{key} = \"whole\"")).unwrap_err().to_string();
        assert!(text.contains("in [body] matches no operation that becomes a tool and has a body"), "{text}");
        assert!(text.contains("connector.toml:3:"), "{text}");
    }
    let text = generate_from(BODIES, "[body]\nlend = \"half\"").unwrap_err().to_string();
    assert!(text.contains("there is no value `half`"), "{text}");
    assert!(text.contains("connector.toml:3:"), "{text}");
}
