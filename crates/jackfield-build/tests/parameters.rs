//! Parameters that nearly all operations repeat: which become settings or credentials, and which stay arguments.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::fs;

use jackfield_build::model::{
    Code, Connector, Location, ParameterSetting, Requirement, SchemeKind, ToolSelection,
};
use jackfield_build::{CrateFolder, Error, Generated, Job, Manifest, model_of};

/// The resources of a document of twelve operations: a read and a write of each.
const RESOURCES: [&str; 6] = ["books", "orders", "customers", "shelves", "readers", "loans"];

/// A document whose operations all have these parameters, with a version and further keys below `paths` and behind it.
struct Document<'t> {
    parameters: &'t [&'t str],
    version: &'t str,
    resources: &'t [&'t str],
    methods: &'t [&'t str],
    paths: &'t str,
    rest: &'t str,
}

impl<'t> Document<'t> {
    const fn of(parameters: &'t [&'t str]) -> Self {
        Self {
            parameters,
            version: "1.0.0",
            resources: &RESOURCES,
            methods: &["get", "post"],
            paths: "",
            rest: "",
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "openapi: 3.0.3\ninfo: {{ title: Shop, version: '{}' }}\nservers: [{{ url: https://api.example.com }}]\npaths:\n",
            self.version
        );
        for resource in self.resources {
            text.push_str(&format!("  /{resource}:\n    parameters:\n"));
            for parameter in self.parameters {
                text.push_str(&format!("      - {{ {parameter} }}\n"));
            }
            for method in self.methods {
                text.push_str(&format!(
                    "    {method}: {{ operationId: {method}-{resource}, responses: {{}} }}\n"
                ));
            }
        }
        text + self.paths + self.rest
    }

    fn generate(&self, choices: &str) -> Result<Generated, Error> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.yaml"), self.text()).unwrap();
        let text = format!("document = \"shop.yaml\"\nname = \"shop\"\n{choices}\n");
        fs::write(folder.path().join("connector.toml"), text).unwrap();
        CrateFolder::open(folder.path())?.generate()
    }

    fn generated(&self, choices: &str) -> Generated {
        self.generate(choices).unwrap_or_else(|error| panic!("{choices}\n{error}\n{}", self.text()))
    }

    /// What `jackfield inspect` offers to write into connector.toml.
    fn constants(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.yaml"), self.text()).unwrap();
        let manifest = Manifest::for_document(&folder.path().join("shop.yaml"), None);
        let modelled = model_of(&Job::new(manifest)).unwrap_or_else(|error| panic!("{error}"));
        modelled.constants.into_iter().map(|it| format!("{}={:?}", it.wire, it.example)).collect()
    }
}

/// The arguments of an operation.
fn args(connector: &Connector, id: &str) -> Vec<String> {
    let operation = connector.operations().find(|it| it.id.as_ref().is_some_and(|it| it.as_str() == id));
    operation.unwrap().args.iter().map(|arg| arg.name.to_string()).collect()
}

/// The settings as `name=value`, without those that are not sent.
fn settings(connector: &Connector) -> Vec<String> {
    let shown = |it: &ParameterSetting| match &it.value {
        Some(value) => format!("{}={value}", it.wire),
        None => it.wire.to_string(),
    };
    connector.settings.iter().map(shown).collect()
}

fn found(generated: &Generated, code: Code) -> Option<String> {
    let mut findings = generated.report.diagnostics.iter().filter(|finding| finding.code == code);
    let first = findings.next()?;
    assert!(findings.next().is_none(), "{code} was found twice");
    Some(format!("{}; {}; {}", first.problem, first.consequence, first.remedy))
}

/// The requirements of an operation, as `a+b | none`.
fn security(connector: &Connector, id: &str) -> String {
    let operation = connector.operations().find(|it| it.id.as_ref().is_some_and(|it| it.as_str() == id));
    let one = |it: &Requirement| {
        let names: Vec<&str> = it.needs.iter().map(|need| need.scheme.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join("+") }
    };
    operation.unwrap().security.iter().map(one).collect::<Vec<_>>().join(" | ")
}

const VERSION: &str = "name: X-Shop-Version, in: header, schema: { type: string, default: '2' }";

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
        "arguments = [",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
    let index = &made.files.get("src/generated/mod.rs").unwrap().text;
    assert!(index.contains("ParameterSetting::header(\"X-Shop-Version\").value(\"2\")"), "{index}");
}

#[test]
fn response_format_switches_become_settings_with_their_json_value() {
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
fn client_headers_become_settings_that_are_not_sent() {
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
fn required_header_without_a_value_stays_and_is_offered() {
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
fn operation_with_another_schema_keeps_its_argument() {
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
fn version_of_the_document_fills_a_version_parameter_only_where_it_is_one() {
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
    assert_eq!(of("1.4", shown), [""; 0]);
    let listed = "name: X-Version, in: header, schema: { type: string, enum: ['2020-01-01', '2021-01-01'] }";
    assert_eq!((of("2021-01-01", listed).len(), of("2022-01-01", listed).len()), (1, 0));
}

#[test]
fn only_value_that_switches_something_on_stays_an_argument() {
    let document = Document::of(&[
        "name: force_all, in: query, schema: { type: string, enum: ['true'] }",
        "name: X-Dialect, in: header, schema: { type: string, enum: [classic] }",
    ]);
    assert_eq!(settings(&document.generated("").connector), ["X-Dialect=classic"]);
}

#[test]
fn key_of_headers_that_is_a_parameter_fixes_it() {
    let tenant = "name: X-Tenant, in: header, required: true, schema: { type: string }";
    let parameters = [tenant, VERSION];
    let document = Document::of(&parameters);
    let made = document.generated("headers = { x-tenant = \"north\", X-SHOP-VERSION = \"3\" }").connector;
    assert_eq!(args(&made, "get-books"), [""; 0]);
    assert_eq!(settings(&made), [""; 0]);
    assert_eq!(made.headers.len(), 2);
    let kept = document.generated("arguments = [\"X-Tenant\"]\nheaders = { x-tenant = \"north\" }").connector;
    assert_eq!(args(&kept, "get-books"), ["X-Tenant"]);
}

#[test]
fn key_of_query_gives_its_parameter_a_value() {
    let paths = "  /search: { get: { operationId: search, parameters: [{ name: region, in: query, required: true, schema: { type: string } }, { name: Region, in: query, schema: { type: string } }], responses: {} } }\n";
    let document = Document { paths, ..Document::of(&[VERSION]) };
    let made = document.generated("query = { region = \"eu west\" }").connector;
    assert_eq!(args(&made, "search"), ["Region"]);
    let region = made.settings.iter().find(|it| it.location == Location::Query).unwrap();
    assert_eq!(region.value.as_deref(), Some("eu west"));
    assert!(matches!(&region.tools, ToolSelection::Only(tools) if tools.len() == 1), "{region:?}");
}

#[test]
fn listed_argument_stays_an_argument() {
    let made = Document::of(&[VERSION]).generated("arguments = [\"x-shop-version\"]");
    assert_eq!(settings(&made.connector), [""; 0]);
    assert_eq!(args(&made.connector, "get-books"), ["X-Shop-Version"]);
}

#[test]
fn choice_of_a_parameter_that_is_nowhere_is_refused() {
    for (choices, told) in [
        ("arguments = [\"X-Shop-Versions\"]", "`X-Shop-Versions` in `arguments` is no parameter"),
        ("query = { X-Shop-Version = \"1\" }", "`X-Shop-Version` in [query] is no query parameter"),
        ("query = { alt = \"\" }", "cannot be the value of a query parameter"),
    ] {
        let refused = Document::of(&[VERSION]).generate(choices).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains(told) && refused.contains("connector.toml:3:"), "{choices}: {refused}");
    }
}

#[test]
fn choice_of_few_operations_does_not_change_what_is_a_setting() {
    let secret = "name: X-Shop-Token, in: header, required: true, schema: { type: string }";
    let made = Document::of(&[VERSION, secret]).generated("include = [\"get-books\"]").connector;
    assert_eq!(settings(&made), ["X-Shop-Version=2"]);
    assert_eq!(security(&made, "get-books"), "X-Shop-Token");
}

#[test]
fn value_of_a_setting_is_part_of_the_lines_of_its_tools() {
    let lines = |value: &str, choices: &str| {
        let version = VERSION.replace("'2'", value);
        let parameters = [version.as_str()];
        let document = Document {
            paths: "  /ping: { get: { operationId: ping, responses: {} } }\n",
            ..Document::of(&parameters)
        };
        let lock = document.generated(choices).files.get("jackfield.lock").unwrap().text.clone();
        let line = |tool: &str| lock.lines().find(|line| line.starts_with(tool)).map(str::to_owned).unwrap();
        (line("tool get_books"), line("tool ping"))
    };
    let (two, three, kept) =
        (lines("'2'", ""), lines("'3'", ""), lines("'2'", "arguments = [\"X-Shop-Version\"]"));
    assert!(two.0 != three.0 && two.0 != kept.0, "{two:?} {three:?} {kept:?}");
    assert!(two.1 == three.1 && two.1 == kept.1, "{two:?} {three:?} {kept:?}");
}

const KEYS: &str = "components: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key }, word: { type: apiKey, in: query, name: word } } }\n";

#[test]
fn parameter_of_a_declared_scheme_is_filled_from_auth() {
    let document = Document {
        rest: KEYS,
        ..Document::of(&[
            "name: x-key, in: header, required: true, schema: { type: string }",
            "name: word, in: query, schema: { type: string }",
            "name: Word, in: query, schema: { type: string }",
        ])
    };
    let made = document.generated("");
    assert_eq!(args(&made.connector, "get-books"), ["Word"]);
    assert_eq!(security(&made.connector, "get-books"), "key+word | key");
    let note = found(&made, Code::CredentialParameter).unwrap();
    assert!(note.contains("`X-Key` of 12 operations") && note.contains("SHOP_API_KEY_KEY"), "{note}");
    assert_eq!(found(&made, Code::UnusedSchemes), None);
    let kept = document.generated("arguments = [\"X-Key\", \"word\"]").connector;
    assert_eq!(args(&kept, "get-books"), ["x-key", "word", "Word"]);
}

#[test]
fn parameter_of_a_scheme_that_is_required_anyway_adds_no_requirement() {
    let document = Document {
        rest: "security: [{ key: [] }, { word: [] }]\ncomponents: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key }, word: { type: apiKey, in: query, name: word } } }\n",
        ..Document::of(&["name: X-Key, in: header, required: true, schema: { type: string }"])
    };
    let made = document.generated("").connector;
    assert_eq!((args(&made, "get-books").len(), security(&made, "get-books").as_str()), (0, "key | word"));
}

#[test]
fn undeclared_secret_header_of_nearly_all_operations_becomes_a_scheme() {
    let document = Document {
        paths: "  /open: { get: { operationId: open, responses: {} } }\n",
        ..Document::of(&[
            "name: X-Shop-Token, in: header, required: true, description: Your token. Ask us., schema: { type: string }",
        ])
    };
    let made = document.generated("");
    assert_eq!(args(&made.connector, "get-books"), [""; 0]);
    assert_eq!(security(&made.connector, "get-books"), "X-Shop-Token");
    assert_eq!(security(&made.connector, "open"), "");
    assert_eq!(made.connector.schemes[0].description, "Your token");
    let note = found(&made, Code::CredentialParameter).unwrap();
    assert!(note.contains("`X-Shop-Token` of 12 operations (named like a secret)"), "{note}");
    assert!(note.contains("SHOP_API_KEY"), "{note}");
    let lock = &made.files.get("jackfield.lock").unwrap().text;
    assert!(
        lock.contains("\nscheme X-Shop-Token api_key ") && lock.contains(" to=https://api.example.com"),
        "{lock}"
    );
}

#[test]
fn optional_secret_header_is_an_optional_credential() {
    let document = Document {
        rest: "security: [{ login: [] }]\ncomponents: { securitySchemes: { login: { type: http, scheme: bearer } } }\n",
        ..Document::of(&["name: AccessKey, in: header, schema: { type: string }"])
    };
    assert_eq!(security(&document.generated("").connector, "get-books"), "AccessKey+login | login");
}

#[test]
fn scheme_of_connector_toml_describes_an_undeclared_secret_header() {
    let document =
        Document::of(&["name: X-Shop-Token, in: header, required: true, schema: { type: string }"]);
    let made = document.generated(
        "[auth.schemes.shopToken]\ntype = \"api_key\"\nin = \"header\"\nname = \"x-shop-token\"\nprefix = \"Token \"",
    );
    assert_eq!(security(&made.connector, "get-books"), "shopToken");
    assert_eq!(made.connector.schemes[0].prefix.as_deref(), Some("Token "));
}

#[test]
fn undeclared_authorization_header_becomes_a_scheme() {
    let of = |description: &str| {
        let parameter = format!(
            "name: authorization, in: header, required: true, description: '{description}', schema: {{ type: string }}"
        );
        let parameters = [parameter.as_str()];
        let made = Document::of(&parameters).generated("").connector;
        (security(&made, "get-books"), made.schemes[0].kind.clone())
    };
    assert_eq!(of("Bearer and your token"), ("Authorization".to_owned(), SchemeKind::Bearer));
    assert_eq!(of("HTTP basic").1, SchemeKind::Basic);
    assert!(matches!(of("Your key").1, SchemeKind::ApiKey { location: Location::Header, .. }));
}

#[test]
fn secret_of_single_operations_stays_an_argument_with_a_finding() {
    let body = "requestBody: { content: { application/json: { schema: { type: object, properties: { access_token: { type: string }, name: { type: string } } } } } }";
    let paths = format!(
        "  /items: {{ post: {{ operationId: addItem, {body}, responses: {{}} }} }}\n  /cards: {{ get: {{ operationId: card, parameters: [{{ name: token, in: query, schema: {{ type: string }} }}, {{ name: page_token, in: query, schema: {{ type: string }} }}], responses: {{}} }} }}\n"
    );
    let document = Document { paths: &paths, ..Document::of(&[VERSION]) };
    let made = document.generated("");
    assert!(args(&made.connector, "addItem").contains(&"access_token".to_owned()));
    assert_eq!(args(&made.connector, "card"), ["token", "page_token"]);
    let note = found(&made, Code::SecretArgument).unwrap();
    for part in [
        "the body field `access_token` of 1 operation",
        "the query parameter `token`",
        "[auth.schemes.token]",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
    assert!(!note.contains("page_token"), "{note}");
    let kept = document.generated("arguments = [\"token\"]");
    assert!(!found(&kept, Code::SecretArgument).unwrap().contains("`token`"));
}

#[test]
fn secret_header_of_half_the_operations_stays_an_argument() {
    let half =
        (0..12).map(|at| format!("  /other{at}: {{ get: {{ operationId: other{at}, responses: {{}} }} }}\n"));
    let half = half.collect::<String>();
    let document = Document {
        paths: &half,
        ..Document::of(&["name: X-Shop-Token, in: header, schema: { type: string }"])
    };
    let made = document.generated("");
    assert_eq!(args(&made.connector, "get-books"), ["X-Shop-Token"]);
    assert!(found(&made, Code::SecretArgument).is_some());
}
