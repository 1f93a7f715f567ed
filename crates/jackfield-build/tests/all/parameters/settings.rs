//! Parameters that become settings.

use jackfield_build::model::{Code, Location, ToolSelection};

use super::document::{Document, RESOURCES, VERSION, args, found, security, settings};

#[test]
fn version_header_with_default_becomes_a_setting() {
    let made = Document::of(&[VERSION]).generated("");
    assert_eq!(settings(&made.connector), ["X-Shop-Version=2"]);
    assert_eq!(args(&made.connector, "get-books"), [""; 0]);
    let note = found(&made, Code::ConnectorSetting).unwrap();
    for part in [
        "the header `X-Shop-Version` (sent as \"2\")",
        "SHOP_HEADER_X_SHOP_VERSION",
        "[headers]",
        "ask_for = [",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
    let index = &made.files.get("src/generated/mod.rs").unwrap().text;
    assert!(index.contains("ParameterSetting::header(\"X-Shop-Version\").value(\"2\")"), "{index}");
}

#[test]
fn parameters_that_select_the_response_format_become_settings_for_json() {
    let document = Document::of(&[
        "name: alt, in: query, description: Data format for response., schema: { type: string, enum: [media, json, proto] }",
        "name: prettyPrint, in: query, description: Returns response with indentations., schema: { type: boolean, default: true }",
        "name: $.xgafv, in: query, description: V1 error format., schema: { type: string, enum: ['1', '2'] }",
        "name: callback, in: query, description: JSONP, schema: { type: string }",
        "name: fields, in: query, description: Selector of a partial response., schema: { type: string }",
        "name: quotaUser, in: query, description: A text for quota purposes., schema: { type: string }",
    ]);
    let made = document.generated("");
    assert_eq!(settings(&made.connector), ["$.xgafv", "alt=json", "callback", "prettyPrint=true"]);
    assert_eq!(args(&made.connector, "post-books"), ["fields", "quotaUser"]);
}

#[test]
fn headers_about_the_client_become_settings_and_not_arguments() {
    let document = Document::of(&[
        "name: User-Agent, in: header, required: true, schema: { type: string }",
        "name: Accept-Language, in: header, schema: { type: string }",
        "name: X-Client-Version, in: header, schema: { type: string, default: '7' }",
    ]);
    let made = document.generated("").connector;
    assert_eq!(settings(&made), ["Accept-Language", "User-Agent", "X-Client-Version=7"]);
    assert_eq!(args(&made, "get-books"), [""; 0]);
}

#[test]
fn tenant_header_on_all_operations_stays_an_argument() {
    let document = Document::of(&[
        "name: X-Tenant, in: header, schema: { type: string, default: public }",
        "name: Shop-Account, in: header, required: true, schema: { type: string, example: north }",
        "name: on-behalf-of, in: header, schema: { type: string }",
        "name: region, in: query, schema: { type: string, default: eu }",
        "name: userId, in: query, schema: { type: integer, default: 1 }",
    ]);
    let made = document.generated("");
    assert_eq!(settings(&made.connector), [""; 0]);
    assert_eq!(
        args(&made.connector, "get-books"),
        ["X-Tenant", "Shop-Account", "on-behalf-of", "region", "userId"]
    );
    assert_eq!(found(&made, Code::ConnectorSetting), None);
    assert!(document.constants().contains(&"Shop-Account=Some(\"north\")".to_owned()));
}

#[test]
fn paging_fields_and_filters_with_defaults_stay_arguments() {
    let document = Document::of(&[
        "name: limit, in: query, schema: { type: integer, default: 20 }",
        "name: pageSize, in: query, schema: { type: integer, default: 20 }",
        "name: sort_by, in: query, schema: { type: string, default: name }",
        "name: expand, in: query, schema: { type: string, default: all }",
        "name: filter, in: query, schema: { type: string, default: none }",
        "name: Idempotency-Key, in: header, schema: { type: string, default: none }",
        "name: X-Request-Id, in: header, schema: { type: string, default: none }",
    ]);
    let made = document.generated("").connector;
    assert_eq!((settings(&made), args(&made, "get-books").len()), (Vec::new(), 7));
    assert_eq!(document.constants(), [""; 0]);
}

#[test]
fn required_header_without_a_value_is_suggested_as_a_setting() {
    let document = Document::of(&[
        "name: X-Channel, in: header, required: true, schema: { type: string }",
        "name: X-Release, in: header, required: true, schema: { type: string }, example: spring",
    ]);
    let made = document.generated("").connector;
    assert_eq!(args(&made, "get-books"), ["X-Channel", "X-Release"]);
    assert_eq!(document.constants(), ["X-Channel=None", "X-Release=Some(\"spring\")"]);
}

#[test]
fn parameter_of_too_few_or_too_similar_operations_stays_an_argument() {
    let all = Document::of(&[VERSION]);
    let reads = Document { methods: &["get", "head"], ..Document::of(&[VERSION]) };
    let nine = Document { resources: &RESOURCES[..4], ..Document::of(&[VERSION]) };
    let alone = Document {
        paths: "  /a: { get: { responses: {} }, post: { responses: {} }, put: { responses: {} }, patch: { responses: {} }, delete: { responses: {} } }\n",
        ..Document::of(&[VERSION])
    };
    assert_eq!(settings(&all.generated("").connector).len(), 1);
    for document in [reads, nine, alone] {
        assert_eq!(settings(&document.generated("").connector), [""; 0], "{}", document.text());
    }
    let one = Document { resources: &["books"], methods: &["get"], ..Document::of(&[VERSION]) };
    let same = (0..11).map(|at| {
        format!(
            "  /books/{{id}}/{{part{at}}}: {{ post: {{ parameters: [{{ {VERSION} }}], responses: {{}} }} }}\n"
        )
    });
    let same = same.collect::<String>();
    assert_eq!(settings(&Document { paths: &same, ..one }.generated("").connector), [""; 0]);
}

#[test]
fn parameter_stays_an_argument_in_an_operation_that_gives_it_another_schema() {
    let document = Document {
        paths: "  /old: { get: { operationId: old, parameters: [{ name: X-Shop-Version, in: header, schema: { type: string, default: '1' } }], responses: {} } }\n",
        ..Document::of(&[VERSION])
    };
    let made = document.generated("").connector;
    assert_eq!(args(&made, "old"), ["X-Shop-Version"]);
    let ToolSelection::Except(others) = &made.settings[0].tools else { panic!("{:?}", made.settings) };
    assert_eq!(others.iter().map(ToString::to_string).collect::<Vec<_>>(), ["old"]);
}

#[test]
fn version_parameter_is_set_to_the_document_version_only_if_that_is_valid() {
    let of = |version, parameter: &str| {
        let parameters = [parameter];
        let document = Document { version, ..Document::of(&parameters) };
        settings(&document.generated("").connector)
    };
    let required = "name: api-version, in: query, required: true, schema: { type: string }";
    assert_eq!(of("2021-04-01-preview", required), ["api-version=2021-04-01-preview"]);
    assert_eq!(of("1.4.2", required), [""; 0]);
    let shown = "name: X-Version, in: header, description: 'Such as 1.4.2.', schema: { type: string }";
    assert_eq!(of("1.4.2", shown), ["X-Version=1.4.2"]);
    assert_eq!(of("1.4", shown), ["X-Version"]);
    let listed = "name: X-Version, in: header, schema: { type: string, enum: ['2020-01-01', '2021-01-01'] }";
    assert_eq!(of("2021-01-01", listed), ["X-Version=2021-01-01"]);
    assert_eq!(of("2022-01-01", listed), ["X-Version"]);
}

#[test]
fn optional_parameter_with_a_single_value_stays_an_argument() {
    let document = Document::of(&[
        "name: force_all, in: query, schema: { type: string, enum: ['true'] }",
        "name: X-Dialect, in: header, schema: { type: string, enum: [classic] }",
    ]);
    assert_eq!(settings(&document.generated("").connector), ["X-Dialect=classic"]);
}

#[test]
fn headers_entry_of_connector_toml_sets_the_parameter_of_the_same_name() {
    let tenant = "name: X-Tenant, in: header, required: true, schema: { type: string }";
    let parameters = [tenant, VERSION];
    let document = Document::of(&parameters);
    let made = document.generated("headers = { x-tenant = \"north\", X-SHOP-VERSION = \"3\" }").connector;
    assert_eq!(args(&made, "get-books"), [""; 0]);
    assert_eq!(settings(&made), [""; 0]);
    assert_eq!(made.headers.len(), 2);
    let kept = document.generated("ask_for = [\"X-Tenant\"]\nheaders = { x-tenant = \"north\" }").connector;
    assert_eq!(args(&kept, "get-books"), ["X-Tenant"]);
}

#[test]
fn query_entry_of_connector_toml_sets_the_parameter_of_the_same_name() {
    let paths = "  /search: { get: { operationId: search, parameters: [{ name: region, in: query, required: true, schema: { type: string } }, { name: Region, in: query, schema: { type: string } }], responses: {} } }\n";
    let document = Document { paths, ..Document::of(&[VERSION]) };
    let made = document.generated("query = { region = \"eu west\" }").connector;
    assert_eq!(args(&made, "search"), ["Region"]);
    let region = made.settings.iter().find(|it| it.location == Location::Query).unwrap();
    assert_eq!(region.value.as_deref(), Some("eu west"));
    assert!(matches!(&region.tools, ToolSelection::Only(tools) if tools.len() == 1), "{region:?}");
}

#[test]
fn parameter_listed_in_ask_for_stays_an_argument() {
    let made = Document::of(&[VERSION]).generated("ask_for = [\"x-shop-version\"]");
    assert_eq!(settings(&made.connector), [""; 0]);
    assert_eq!(args(&made.connector, "get-books"), ["X-Shop-Version"]);
}

#[test]
fn connector_toml_entry_for_an_undeclared_parameter_is_an_error() {
    for (choices, told) in [
        ("ask_for = [\"X-Shop-Versions\"]", "`X-Shop-Versions` in `ask_for` is not a parameter"),
        ("query = { X-Shop-Version = \"1\" }", "`X-Shop-Version` in [query] is not a query parameter"),
        ("query = { alt = \"\" }", "cannot be the value of a query parameter"),
    ] {
        let refused = Document::of(&[VERSION]).generate(choices).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains(told) && refused.contains("connector.toml:3:"), "{choices}: {refused}");
    }
}

#[test]
fn settings_do_not_change_if_include_selects_few_operations() {
    let secret = "name: X-Shop-Token, in: header, required: true, schema: { type: string }";
    let made = Document::of(&[VERSION, secret]).generated("include = [\"get-books\"]").connector;
    assert_eq!(settings(&made), ["X-Shop-Version=2"]);
    assert_eq!(security(&made, "get-books"), "X-Shop-Token");
}

#[test]
fn setting_value_changes_the_lock_lines_of_its_tools() {
    let lines = |value: &str, choices: &str| {
        let version = VERSION.replace("'2'", value);
        let parameters = [version.as_str()];
        let document = Document {
            paths: "  /ping: { get: { operationId: ping, responses: {} } }\n",
            ..Document::of(&parameters)
        };
        let lock = document.generated(choices).files.get("jackfield.lock").unwrap().text.clone();
        let line = |tool: &str| lock.lines().find(|line| line.starts_with(tool)).map(str::to_owned).unwrap();
        (line("tool list_books"), line("tool ping"))
    };
    let (two, three, kept) =
        (lines("'2'", ""), lines("'3'", ""), lines("'2'", "ask_for = [\"X-Shop-Version\"]"));
    assert!(two.0 != three.0 && two.0 != kept.0, "{two:?} {three:?} {kept:?}");
    assert!(two.1 == three.1 && two.1 == kept.1, "{two:?} {three:?} {kept:?}");
}
