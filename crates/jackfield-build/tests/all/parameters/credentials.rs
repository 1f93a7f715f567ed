//! Parameters that credentials fill, and arguments that only look like secrets.

use jackfield_build::model::{Code, Location, SchemeKind};

use super::document::{Document, VERSION, args, found, security};

const KEYS: &str = "components: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key }, word: { type: apiKey, in: query, name: word } } }\n";

#[test]
fn parameter_of_a_declared_scheme_becomes_a_credential() {
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
    let kept = document.generated("ask_for = [\"X-Key\", \"word\"]").connector;
    assert_eq!(args(&kept, "get-books"), ["x-key", "word", "Word"]);
}

#[test]
fn parameter_of_an_already_required_scheme_adds_no_requirement() {
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
    assert!(note.contains("`X-Shop-Token` of 12 operations (it has the name of a secret)"), "{note}");
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
fn scheme_in_connector_toml_applies_to_an_undeclared_secret_header() {
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
fn secret_parameter_of_few_operations_stays_an_argument_and_is_reported() {
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
    let kept = document.generated("ask_for = [\"token\"]");
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
