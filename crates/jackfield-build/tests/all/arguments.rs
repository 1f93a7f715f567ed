//! `[arguments]`, `[retitle]`, `instructions` and selectors: what a person decides about tools.

use crate::generating::{connector_row, generated};
use jackfield_build::model::{Connector, Operation};
use jackfield_build::{Error, Generated};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1', description: A shop. }
servers: [{ url: 'https://api.example.com' }]
tags: [{ name: orders }]
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 50, default: 10 } }
        - { name: page, in: query, schema: { type: integer } }
        - { name: trace, in: query, schema: { type: string } }
        - { name: state, in: query, schema: { type: string, enum: [open, paid, gone] } }
        - { name: fields, in: query, schema: { type: array, items: { type: string, enum: [id, total] } } }
        - { name: filter, in: query, style: form, explode: true, schema: { type: object } }
      responses: { '200': { description: Done., content: { application/json: { schema: { type: array, items: {} } } } } }
    post:
      operationId: placeOrder
      tags: [orders]
      parameters: [{ name: trace, in: query, schema: { type: string } }]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [address, currency]
              properties:
                currency: { type: string, pattern: '^[A-Z]{3}$', minLength: 3 }
                address: { $ref: '#/components/schemas/Address' }
                lines: { type: array, items: { type: object, properties: { sku: { type: string }, discount: { type: number } } } }
      responses: { '204': { description: Done. } }
  /people:
    put:
      operationId: savePerson
      requestBody:
        content: { application/json: { schema: { type: object, properties: { home: { $ref: '#/components/schemas/Address' }, work: { $ref: '#/components/schemas/Address' } } } } }
      responses: { '204': { description: Done. } }
    delete: { operationId: removePeople, responses: { '204': { description: Done. } } }
components:
  schemas:
    Address:
      type: object
      required: [country]
      properties:
        country: { type: string, minLength: 2, maxLength: 2 }
        street: { type: string, description: The street and the number }
";

fn generate(choices: &str) -> Result<Generated, Error> {
    generated(DOCUMENT, choices)
}

fn made(choices: &str) -> Connector {
    generate(choices).unwrap_or_else(|error| panic!("{choices}\n{error}")).connector
}

fn refused(choices: &str) -> String {
    match generate(choices) {
        Ok(_) => panic!("{choices} was accepted"),
        Err(error) => error.to_string(),
    }
}

fn operation<'c>(connector: &'c Connector, id: &str) -> &'c Operation {
    connector.operations().find(|it| it.id.as_ref().is_some_and(|own| own.as_str() == id)).unwrap()
}

/// Returns the arguments of an operation, with `!` if they are required.
fn arguments(operation: &Operation) -> Vec<String> {
    let names =
        operation.args.iter().map(|arg| format!("{}{}", arg.name, if arg.required { "!" } else { "" }));
    names.collect()
}

fn schema(operation: &Operation, argument: &str) -> String {
    let arg = operation.args.iter().find(|arg| arg.name.as_str() == argument).unwrap();
    arg.schema.as_value().to_string()
}

fn steps(operation: &Operation) -> String {
    let steps = operation.recipe.iter().map(ToString::to_string).collect::<Vec<_>>();
    let presets = operation.presets.iter().map(ToString::to_string);
    steps.into_iter().chain(presets).collect::<Vec<_>>().join("\n")
}

#[test]
fn hidden_argument_is_neither_listed_nor_sent() {
    let connector = made("[arguments.'tag:orders']\ntrace = { hide = true }");
    for id in ["listOrders", "placeOrder"] {
        let operation = operation(&connector, id);
        assert!(!arguments(operation).contains(&"trace".to_owned()), "{id}");
        assert!(!steps(operation).contains("\"trace\" <-"), "{id}");
    }
    let list = steps(operation(&connector, "listOrders"));
    assert!(list.contains("hidden [\"filter\", \"trace\"]"), "an object in the query cannot send it: {list}");
    let text = refused("[arguments.place_order]\ncurrency = { hide = true }");
    assert!(text.contains("the document requires it") && text.contains("add `fix = …`"), "{text}");
}

#[test]
fn fixed_argument_is_a_constant_of_the_request() {
    let generated = generate("[arguments.placeOrder]\ncurrency = { fix = 'NZD' }").unwrap();
    let operation = operation(&generated.connector, "placeOrder");
    assert_eq!(arguments(operation), ["trace", "address!", "lines"]);
    let code: String = generated.files.iter().map(|(_, file)| file.text.clone()).collect();
    assert!(code.contains("request.json_field(\"currency\", Input::text(\"NZD\"))?;"), "{code}");
}

#[test]
fn rule_for_a_nested_property_changes_only_the_selected_tool() {
    let choices = "
        wording = 'full'
        [arguments.place_order]
        'address.country' = { fix = 'NZ' }
        'address.street' = { describe = 'Street, number and floor' }
        'lines[].discount' = { hide = true }
    ";
    let generated = generate(choices).unwrap();
    let connector = &generated.connector;
    let order = operation(connector, "placeOrder");
    let address = schema(order, "address");
    assert!(!address.contains("country") && address.contains("Street, number and floor"), "{address}");
    assert!(!schema(order, "lines").contains("discount"));
    assert!(steps(order).contains("fixed [\"address\", \"country\"] = \"NZ\""), "{}", steps(order));
    let code: String = generated.files.iter().map(|(_, file)| file.text.clone()).collect();
    for line in
        ["Preset::fixed(&[\"address\", \"country\"]", "Preset::hidden(&[\"lines\", \"[]\", \"discount\"])"]
    {
        assert!(code.contains(line), "{line}\n{code}");
    }
    let other = operation(connector, "savePerson");
    let whole = format!("{}{:?}", schema(other, "home"), connector.pool.send);
    assert!(whole.contains("country") && whole.contains("The street"), "{whole}");
}

#[test]
fn default_is_shown_and_makes_the_argument_optional() {
    let connector = made(
        "
        [arguments.'*']
        currency = { default = 'NZD' }
        limit = { default = 20 }
        'home.country' = { default = 'NZ' }
    ",
    );
    let order = operation(&connector, "placeOrder");
    assert_eq!(arguments(order), ["trace", "currency", "address!", "lines"]);
    assert!(schema(order, "currency").contains("\"default\":\"NZD\""));
    assert!(steps(order).contains("default [\"currency\"] = \"NZD\""));
    assert!(schema(operation(&connector, "listOrders"), "limit").contains("\"default\":20"));
    let home = schema(operation(&connector, "savePerson"), "home");
    assert!(home.contains("\"default\":\"NZ\"") && !home.contains("required"), "{home}");
}

#[test]
fn renamed_argument_is_sent_under_its_wire_name_and_still_selects_the_page() {
    let connector = made("[arguments.list_orders]\npage = { rename = 'page_number', describe = 'From 1' }");
    let list = operation(&connector, "listOrders");
    assert_eq!(arguments(list)[1], "page_number");
    assert!(steps(list).contains("query \"page\" <- page_number?"), "{}", steps(list));
    let paging = list.paging.as_ref().unwrap();
    assert_eq!(paging.position.as_ref().unwrap().as_str(), "page_number");
    assert!(schema(list, "page_number").contains("From 1"));
}

#[test]
fn values_key_of_an_argument_rule_restricts_the_allowed_values() {
    let connector = made(
        "
        [arguments.list_orders]
        state = { values = ['paid', 'open'] }
        fields = { values = ['id'] }
        limit = { values = [10, 20], default = 20 }
    ",
    );
    let list = operation(&connector, "listOrders");
    assert!(schema(list, "state").contains("\"enum\":[\"open\",\"paid\"]"), "{}", schema(list, "state"));
    assert!(schema(list, "fields").contains("\"enum\":[\"id\"]"), "{}", schema(list, "fields"));
    assert!(schema(list, "limit").contains("\"enum\":[10,20]"), "{}", schema(list, "limit"));
}

#[test]
fn rule_of_the_most_specific_table_applies() {
    let connector = made(
        "
        [arguments.'*']
        trace = { fix = 'all' }
        [arguments.list_orders]
        trace = { fix = 'list' }
    ",
    );
    assert!(steps(operation(&connector, "listOrders")).contains("\"list\""));
    assert!(steps(operation(&connector, "placeOrder")).contains("\"all\""));
    let text = refused(
        "
        [arguments.'list*']
        trace = { fix = 'a' }
        [arguments.'*Orders']
        trace = { fix = 'b' }
    ",
    );
    assert!(
        text.contains("has a rule for the same argument") && text.contains("add [arguments.list_orders]"),
        "{text}"
    );
}

#[test]
fn error_about_an_invalid_argument_rule_names_the_place_and_the_remedy() {
    jackfield_build::check_values_with(|schema, value| {
        let is_lower = value.as_str().is_some_and(|text| text.chars().all(char::is_lowercase));
        if schema.get("pattern").is_some() && is_lower { Err("pattern".to_owned()) } else { Ok(()) }
    });
    for (rule, parts) in [
        (
            "[arguments.list_order]\nlimit = { fix = 1 }",
            &["`list_order` in [arguments] matches no tool", "`list_orders`"][..],
        ),
        ("[arguments.List_Orders]\nlimit = { fix = 1 }", &["matches no tool", "did you mean `list_orders`?"]),
        (
            "[arguments.list_orders]\nlimt = { hide = true }",
            &["the tool has no argument `limt`", "did you mean `limit`?", "connector.toml:3:"],
        ),
        (
            "[arguments.'tag:orders']\n'address.contry' = { fix = 'NZ' }",
            &["none of the selected tools has the argument", "did you mean `address.country`?"],
        ),
        (
            "[arguments.list_orders]\nlimit = { fix = 51 }",
            &["does not fit its schema: 51: it is more than 50"],
        ),
        ("[arguments.list_orders]\nlimit = { default = '20' }", &["it is not of type integer"]),
        ("[arguments.place_order]\ncurrency = { fix = 'nzd' }", &["does not fit its schema", "pattern"]),
        ("[arguments.place_order]\n'address.country' = { fix = 'NZL' }", &["it has more than 2 characters"]),
        ("[arguments.save_person]\n'home.country' = { hide = true }", &["the document requires it"]),
        (
            "[arguments.list_orders]\nstate = { values = ['open', 'lost'] }",
            &["does not fit its schema", "is not one of"],
        ),
        (
            "[arguments.list_orders]\nstate = { values = ['open', 'paid', 'gone'] }",
            &["`values` of `state` changes nothing"],
        ),
        ("[arguments.list_orders]\nstate = { values = ['open', 'open'] }", &["twice"]),
        ("[arguments.list_orders]\nstate = { values = [] }", &["is empty"]),
        (
            "[arguments.list_orders]\nstate = { values = ['open'], default = 'paid' }",
            &["`default` of `state` is not among its `values`"],
        ),
        ("[arguments.list_orders]\nlimit = { rename = 'limit' }", &["`rename` changes nothing"]),
        ("[arguments.list_orders]\nlimit = { rename = 'Page' }", &["has an argument `Page` already"]),
        ("[arguments.list_orders]\nlimit = { rename = 'a b' }", &["argument name"]),
        ("[arguments.place_order]\n'address.country' = { rename = 'land' }", &["keeps its name"]),
        ("[arguments.list_orders]\nlimit = { hide = false }", &["changes nothing"]),
        (
            "[arguments.list_orders]\nlimit = { hide = true, default = 1 }",
            &["has no effect together with `hide`", "write `fix`"],
        ),
        (
            "[arguments.list_orders]\nlimit = { fix = 1, describe = 'x' }",
            &["has no effect together with `fix`"],
        ),
        ("[arguments.list_orders]\nlimit = {}", &["changes nothing"]),
        ("[arguments.list_orders]", &["changes nothing"]),
        (
            "[arguments.list_orders]\nlimit = { hid = true }",
            &["there is no key `hid`", "did you mean `hide`?"],
        ),
        ("[arguments.list_orders]\nlimit = { describe = \"a\\u202Eb\" }", &["invisible character, U+202E"]),
        ("arguments = ['trace']", &["belongs in `ask_for`, not in `arguments`", "write `ask_for = "]),
    ] {
        let text = refused(rule);
        for part in parts {
            assert!(text.contains(part), "{rule}\n{part}\nis not in\n{text}");
        }
        assert!(text.contains("connector.toml:"), "{text}");
    }
}

#[test]
fn describe_rule_that_repeats_the_current_description_is_reported() {
    let text = refused(
        "wording = 'full'\n[arguments.place_order]\n'address.street' = { describe = 'The street and the number' }",
    );
    assert!(text.contains("`describe` changes nothing"), "{text}");
}

#[test]
fn selectors_select_tools_in_every_table_of_connector_toml() {
    let connector = made(
        "
        include = ['/orders', 'effect:destroy', 'tool:save_person']
        exclude = ['!*e*']
        [ask]
        'effect:destroy' = 'always'
        [retitle]
        'method:DELETE' = 'Remove everybody'
        [describe]
        'path:/people' = 'About people'
        [rename]
        'tool:remove_people' = 'clear_people'
        [effect]
        'id:savePerson' = 'destroy'
    ",
    );
    assert_eq!(connector.operations().count(), 4);
    let asked = connector.operations().filter(|it| it.ask != jackfield_build::model::Ask::ByEffect);
    assert_eq!(asked.map(Operation::route).collect::<Vec<_>>(), ["PUT /people", "DELETE /people"]);
    assert_eq!(operation(&connector, "removePeople").title, "Remove everybody");
    assert_eq!(operation(&connector, "savePerson").description, "About people");
    let connector = made("exclude = ['effect:write']\n[effect]\nplaceOrder = 'destroy'");
    let left: Vec<_> = connector.operations().map(Operation::route).collect();
    assert_eq!(left, ["GET /orders", "POST /orders", "DELETE /people"]);
}

#[test]
fn rule_that_changes_nothing_is_an_error() {
    for (rule, part) in [
        (
            "[effect]\nlistOrders = 'read'",
            "`listOrders` in [effect] changes nothing: the tools that it matches are the same without this line",
        ),
        ("[rename]\nlistOrders = 'list_orders'", "`listOrders` in [rename] changes nothing"),
        ("[rename]\n'tag:orders' = 'orders'", "matches 2 tools, but tools cannot have the same name"),
        (
            "[retitle]\nlistOrders = 'A'\nlist_orders = 'B'",
            "`listOrders` in [retitle] changes nothing: more specific keys",
        ),
        ("[retitle]\n'tag:orders' = 'A'\n'tag:order*' = 'B'", "both match the tool"),
        ("[retitle]\nlistOrders = \"two\\nlines\"", "more than one line"),
        ("[retitle]\nlistOrders = ''", "is empty"),
        ("[describe]\nlistOrders = {}", "changes nothing"),
        ("[ask]\n'effect:delete' = 'always'", "names no effect"),
        ("instructions = \"hidden\\u200Btext\"", "invisible character, U+200B"),
    ] {
        let text = refused(rule);
        assert!(text.contains(part) && text.contains("connector.toml:"), "{rule}\n{text}");
    }
    let long = format!("instructions = '{}'", "x".repeat(4_001));
    assert!(refused(&long).contains("has 4001 characters (limit 4000)"));
}

#[test]
fn instructions_are_in_the_generated_connector_and_the_lock() {
    let generated = generate("instructions = 'Ask for the order number first.'").unwrap();
    assert!(connector_row(&generated).contains(".instructions(\"Ask for the order number first.\")"));
    let lock = &generated.files.get("jackfield.lock").unwrap().text;
    assert!(lock.contains("\ninstructions ") && lock.contains("\n# instructions "), "{lock}");
    assert!(!generate("").unwrap().files.get("jackfield.lock").unwrap().text.contains("instructions"));
}

#[test]
fn argument_rule_changes_the_lock() {
    let lock = |choices: &str| generate(choices).unwrap().files.get("jackfield.lock").unwrap().text.clone();
    let plain = lock("");
    for rule in
        ["lines = { hide = true }", "'address.country' = { fix = 'NZ' }", "currency = { default = 'NZD' }"]
    {
        let changed = lock(&format!("[arguments.place_order]\n{rule}"));
        let changes = jackfield_build::LockChanges::between(&plain, &changed).to_string();
        assert!(changes.contains("place_order") && changes.lines().count() == 1, "{rule}: {changes}");
    }
}
