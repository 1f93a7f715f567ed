//! Lines of connector.toml that findings print. Each test pastes the lines, and checks that they have the effect that the finding promises.

use std::fs;

use jackfield_build::CrateFolder;
use jackfield_build::model::{Code, Connector, Diagnostic};

/// The first lines of every document.
const HEAD: &str = "openapi: 3.1.0\nservers: [{ url: https://api.example.com }]\n";

fn generate(document: &str, choices: &str) -> (Connector, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), format!("{HEAD}{document}")).unwrap();
    let text = format!("document = \"shop.yaml\"\n{choices}");
    fs::write(folder.path().join("connector.toml"), &text).unwrap();
    let generated = CrateFolder::open(folder.path()).and_then(|folder| folder.generate());
    let generated = generated.unwrap_or_else(|error| panic!("{text}\n{error}"));
    (generated.connector, generated.report.diagnostics)
}

/// Generates, adds the lines that the finding with this code prints, and generates again.
fn pasted(document: &str, code: Code) -> (Connector, Connector) {
    let (before, found) = generate(document, "");
    let found: Vec<&Diagnostic> = found.iter().filter(|finding| finding.code == code).collect();
    let [finding] = &found[..] else { panic!("{found:?}") };
    let (_, lines) = finding.remedy.split_once("\n\n").unwrap_or_else(|| panic!("{}", finding.remedy));
    let (after, left) = generate(document, lines);
    assert!(left.iter().all(|finding| finding.code != code), "{left:?}");
    (before, after)
}

/// Returns the requirements of each operation, such as `bot | account + key`.
fn needs(connector: &Connector) -> Vec<String> {
    let operations = connector.operations().map(|operation| {
        let alternatives = operation.security.iter().map(|one| {
            let needs = one.needs.iter().map(|need| need.scheme.to_string());
            needs.collect::<Vec<_>>().join(" + ")
        });
        alternatives.collect::<Vec<_>>().join(" | ")
    });
    operations.collect()
}

#[test]
fn pasted_lines_of_a_finding_declare_an_undeclared_scheme() {
    for name in ["ghost", "a b", "quote\\\"d", "tab\\tbed", "back\\\\slash", "größe.x", "bell\\u0007"] {
        let document = format!(
            "security: [{{ \"{name}\": [] }}]\npaths:\n  \
             /a: {{ get: {{ responses: {{}} }} }}\n  /b: {{ get: {{ responses: {{}} }} }}\n"
        );
        let (before, after) = pasted(&document, Code::UndefinedScheme);
        assert_eq!(needs(&before), ["", ""], "{name}");
        assert_eq!(after.schemes.len(), 1, "{name}");
        let declared = after.schemes[0].name.to_string();
        assert_eq!(needs(&after), [declared.as_str(), declared.as_str()], "{name}");
    }
}

#[test]
fn pasted_lines_of_a_finding_make_empty_security_inherit_the_requirement() {
    let document = "\
security: [{ token: [] }]
paths:
  /a: { get: { security: [], responses: {} } }
  /b: { get: { security: [], responses: {} } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
";
    let (before, after) = pasted(document, Code::EmptySecurity);
    assert_eq!(needs(&before), ["", ""]);
    assert_eq!(needs(&after), ["token", "token"]);
}

#[test]
fn pasted_lines_of_a_finding_require_an_unused_scheme() {
    let document = "\
paths: { /a: { get: { responses: {} } } }
components: { securitySchemes: { \"the \\\"key\\\"\": { type: apiKey, in: header, name: X-Key } } }
";
    let (before, after) = pasted(document, Code::UnusedSchemes);
    assert_eq!(needs(&before), [""]);
    assert_eq!(needs(&after), ["the \"key\""]);
}

#[test]
fn pasted_lines_of_a_finding_add_the_missing_prefix_of_a_credential() {
    let document = "\
security: [{ key: [] }]
paths: { /a: { get: { responses: {} } } }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: Authorization, description: 'Token token=<API_KEY>' }
";
    let (before, after) = pasted(document, Code::MissingPrefix);
    assert_eq!(before.schemes[0].prefix, None);
    assert_eq!(after.schemes[0].prefix.as_deref(), Some("Token token="));
    assert_eq!(after.schemes[0].description, "Token token=<API_KEY>");
}

#[test]
fn rule_for_either_of_two_schemes_applies_to_the_login_that_they_share() {
    let document = "\
paths: { /a: { get: { security: [{ page: [], program: [] }], responses: {} } } }
components:
  securitySchemes:
    page: { type: oauth2, flows: { implicit: { authorizationUrl: 'https://login.example.com/auth', scopes: {} } } }
    program:
      type: oauth2
      flows: { authorizationCode: { authorizationUrl: 'https://login.example.com/auth', tokenUrl: 'https://login.example.com/token', scopes: {} } }
";
    let client = |choices: &str| {
        let (connector, _) = generate(document, choices);
        let schemes = connector.schemes.iter().map(|it| (it.name.to_string(), it.client.id.clone()));
        (needs(&connector).join(", "), schemes.collect::<Vec<_>>())
    };
    let desk = Some("desk".to_owned());
    for name in ["page", "program"] {
        let (needs, schemes) = client(&format!("[auth.schemes.{name}]\nclient_id = \"desk\""));
        assert_eq!(
            (needs.as_str(), schemes),
            ("program", vec![("program".to_owned(), desk.clone())]),
            "{name}"
        );
        let (needs, schemes) = client(&format!("[auth.schemes.{name}]\nrename = \"account\""));
        assert_eq!((needs.as_str(), schemes), ("account", vec![("account".to_owned(), None)]), "{name}");
    }
    let two = "[auth.schemes.page]\nclient_id = \"desk\"\n[auth.schemes.program]\nclient_id = \"till\"";
    assert_eq!(client(two).0, "page | program", "different clients keep them apart");
    assert_eq!(client("[auth]\nrequire = []").0, "program");
}

#[test]
fn inherit_empty_is_an_error_if_no_operation_has_empty_security() {
    let folder = tempfile::tempdir().unwrap();
    let document = format!("{HEAD}paths: {{ /a: {{ get: {{ responses: {{}} }} }} }}\n");
    fs::write(folder.path().join("shop.yaml"), document).unwrap();
    let text = "document = \"shop.yaml\"\n[auth]\ninherit_empty = true\n";
    fs::write(folder.path().join("connector.toml"), text).unwrap();
    let generated = CrateFolder::open(folder.path()).and_then(|folder| folder.generate());
    let Err(error) = generated else { panic!("it was accepted") };
    assert!(error.to_string().contains("`inherit_empty`"), "{error}");
}
