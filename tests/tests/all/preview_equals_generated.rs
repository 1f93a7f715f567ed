//! A preview sends the same requests as the generated connector. For every document, operation and hostile
//! value, compiled and interpreted tables send the same bytes, or refuse with the same message.
//!
//! The calls also check that no argument leaves its path segment or adds a header, and that no result
//! contains a credential.

use std::collections::BTreeSet;
use std::path::Path;

use jackfield_build::model::{Connector as Model, Defs, Operation, SchemeKind, Step};
use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Caller, Channel, Environment, Listed, Service};
use jackfield_testkit::{Answer, Fill, Recorded, Upstream, arguments};
use jackfield_tests::{SPECS, Spec};
use serde_json::{Map, Value, json};

use crate::keys::{mask, mask_text};
use crate::specs;

/// A substring of every secret, which no result may contain.
const CANARY: &str = "Canary";

/// Hostile values: separators, dot segments, escapes, a second header, empty values.
const HOSTILE: &[&str] =
    &["a b/c?d=e&f#g%41+ü", "..", ".", "../x", "%2e%2e", "..\\x", "x;y=1,z", "\r\nX-Evil: 1", "x\u{0}y", ""];

/// The tools that refuse every call of this test: they need a client certificate, two credentials in the same slot, or a hand-written
/// signer.
const NEVER_SENT: &[&str] = &[
    "auth_combined.yaml get_certificate_and_token",
    "auth_digest.yaml get_only_unheard_of",
    "auth_http_other.yaml get_only_gateway",
    "auth_http_other.yaml get_only_o_auth1",
    "auth_http_other.yaml only_sig_v4",
    "auth_mutual_tls.yaml get_certificate_and_token",
    "auth_mutual_tls.yaml list_notes",
    "everything.yaml certificate",
];

/// The headers that the runtime adds itself.
const OWN_HEADERS: [&str; 7] =
    ["accept", "user-agent", "content-type", "content-length", "host", "cookie", "authorization"];

#[tokio::test]
async fn calls_of_preview_and_generated_code_send_identical_bytes() {
    let upstream = Upstream::start(echo).await.unwrap();
    let mut silent = Vec::new();
    for spec in SPECS {
        let pair = Pair::of(spec, &upstream);
        let modelled = specs::model(&specs::document(spec.file), spec.name);
        let model = &modelled.connector;
        for tool in modelled.surface().tools() {
            let mut sent = 0;
            for arguments in argument_sets(tool.operation, &model.pool.send) {
                let about =
                    || format!("{}: {} with {}", spec.file, tool.name, Value::from(arguments.clone()));
                let generated = call(&pair.generated, &upstream, tool.name.as_str(), &arguments).await;
                let preview = call(&pair.preview, &upstream, tool.name.as_str(), &arguments).await;
                assert_eq!(generated.requests, preview.requests, "requests differ\n{}", about());
                assert_eq!(generated.text, preview.text, "results differ\n{}", about());
                match generated.requests.as_slice() {
                    [] => assert!(generated.is_error, "nothing was sent, yet it succeeded\n{}", about()),
                    [request] => {
                        sent += 1;
                        if let Err(problem) = holds_its_shape(request, tool.operation, model)
                            .and_then(|()| holds_its_secrets(request, &generated.text))
                        {
                            panic!("{problem}\n{}\n{request}\n{}", about(), generated.text);
                        }
                    }
                    more => panic!("{} requests for one call\n{}", more.len(), about()),
                }
            }
            if sent == 0 {
                silent.push(format!("{} {}", spec.file, tool.name));
            }
        }
    }
    // A tool that refuses every call sends no request to compare, so only the listed tools may.
    silent.sort();
    assert_eq!(
        silent, NEVER_SENT,
        "the tools that sent no request with any arguments are not those of `NEVER_SENT`"
    );
}

#[test]
fn tables_of_preview_and_generated_code_are_equal() {
    for spec in SPECS {
        let preview = specs::preview(&specs::document(spec.file), spec.name);
        let list = |connector: ConnectorRows| {
            let api = Api::new(connector, Environment::of::<String, String>([]));
            Service::new(api, Vec::new())
                .unwrap()
                .list(&Caller::local(Channel::Stdio))
                .collect::<Vec<Listed>>()
        };
        // The tool lists are compared first, because their differences are readable; then all properties of
        // all tables are compared.
        for (generated, preview) in list(spec.connector.into()).iter().zip(&list(preview.clone())) {
            assert_eq!(generated, preview, "{}", spec.file);
        }
        for (generated, preview) in spec.connector.tools().zip(preview.get().tools()) {
            assert!(generated == preview, "{}: the rows of {} differ", spec.file, generated.name());
        }
        assert_eq!(spec.connector, preview.get(), "{}", spec.file);
    }
}

#[test]
fn preview_and_generated_code_apply_the_same_auth_settings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("auth/connector.toml");
    let modelled = model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap();
    let preview = jackfield_cli::preview::connector(modelled);
    assert_eq!(&jackfield_tests::auth_chosen::CONNECTOR, preview.get());
    let preview = format!("{:#?}", preview.get());
    for part in [
        "Token ",
        "desk-token",
        "BEGIN CERTIFICATE",
        "https://uploads.example.com",
        "2022-06-28",
        "DeviceCode",
    ] {
        assert!(preview.contains(part), "{part} is not in\n{preview}");
    }
    assert!(!preview.contains("ClientCredentials") && !preview.contains("\"account\""), "{preview}");
}

/// Creates a service for the generated tables and one for the previewed tables, both with the same secrets
/// and the same upstream.
struct Pair {
    generated: Service,
    preview: Service,
}

impl Pair {
    fn of(spec: &Spec, upstream: &Upstream) -> Self {
        let environment = Environment::of(variables(spec, upstream));
        let serve = |connector: ConnectorRows| {
            Service::new(Api::new(connector, environment.clone()), Vec::new()).unwrap()
        };
        Self {
            generated: serve(spec.connector.into()),
            preview: serve(specs::preview(&specs::document(spec.file), spec.name)),
        }
    }
}

/// Returns the base URL of an upstream, and a secret for every credential of a connector.
pub(crate) fn variables(spec: &Spec, upstream: &Upstream) -> Vec<(String, String)> {
    variables_of(&specs::model(&specs::document(spec.file), spec.name).connector, upstream)
}

/// Returns the base URL of an upstream, and a secret for every credential of a model.
pub(crate) fn variables_of(model: &Model, upstream: &Upstream) -> Vec<(String, String)> {
    let name = model.name.as_str();
    let mut variables = vec![(variable(name, "BASE_URL"), upstream.base_url())];
    for scheme in &model.schemes {
        for word in ["TOKEN", "API_KEY", "PASSWORD"] {
            // Characters that need escapes, or that the two base64 alphabets encode differently.
            let secret = format!("{CANARY}-{word}+/={}", variables.len());
            variables.push((variable(name, &format!("{word}_{}", scheme.name)), secret));
        }
        variables.push((variable(name, &format!("USERNAME_{}", scheme.name)), "somebody".to_owned()));
    }
    variables
}

pub(crate) fn variable(connector: &str, suffix: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{connector}_{suffix}").chars().map(plain).collect()
}

/// Returns an upstream that echoes everything, so that credentials must be redacted.
pub(crate) fn echo(request: &Recorded) -> Answer {
    Answer::json(200, &json!({ "head": request.to_text(), "cookie": request.header("cookie") }))
}

/// Returns the smallest and the largest arguments, and every hostile value for every argument.
fn argument_sets(operation: &Operation, defs: &Defs) -> Vec<Map<String, Value>> {
    let least = arguments(operation, defs, Fill::Minimal);
    let mut sets = vec![least.clone(), arguments(operation, defs, Fill::Full)];
    for arg in &operation.args {
        for text in HOSTILE {
            for value in spellings(arg.schema.as_value(), defs, text) {
                let mut set = least.clone();
                set.insert(arg.name.to_string(), value);
                sets.push(set);
            }
        }
    }
    sets
}

/// Returns the text as a value of each type in the schema.
fn spellings(schema: &Value, defs: &Defs, text: &str) -> Vec<Value> {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
    if let Some(target) = target.and_then(|name| defs.get(name)) {
        return if target.as_value() == schema {
            Vec::new()
        } else {
            spellings(target.as_value(), &Defs::new(), text)
        };
    }
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["string", "array", "object"],
    };
    let spell = |kind: &str| match kind {
        "string" => Some(json!(text)),
        "array" => Some(json!([text, "x"])),
        "object" => Some(json!({ text: text })),
        _ => None,
    };
    kinds.into_iter().filter_map(spell).collect()
}

/// The result of a call.
struct Outcome {
    text: String,
    is_error: bool,
    requests: Vec<Recorded>,
}

async fn call(service: &Service, upstream: &Upstream, tool: &str, arguments: &Map<String, Value>) -> Outcome {
    let result = service.call(tool, arguments.clone(), &Caller::local(Channel::CommandLine)).await.unwrap();
    let structured = result.structured().map(Value::to_string).unwrap_or_default();
    let mut requests = upstream.take();
    let keys = mask(&mut requests);
    Outcome {
        text: mask_text(&format!("{}\n{structured}", result.as_text()), &keys),
        is_error: result.is_error(),
        requests,
    }
}

/// Checks that values stay in their path segment and in their header.
fn holds_its_shape(request: &Recorded, operation: &Operation, model: &Model) -> Result<(), String> {
    let template = operation.path.split('?').next().unwrap_or_default();
    if request.path().matches('/').count() != template.matches('/').count() {
        return Err(format!("`{}` does not have the segments of `{template}`", request.path()));
    }
    if request
        .path()
        .split('/')
        .any(|it| matches!(it.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
    {
        return Err(format!("`{}` climbs", request.path()));
    }
    if request.target.contains('#') || !request.target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("`{}` is not a request target", request.target));
    }
    let declared = operation.recipe.iter().filter_map(|step| match step {
        Step::Header { wire, .. } => Some(wire.as_str()),
        _ => None,
    });
    let keys = model.schemes.iter().filter_map(|scheme| match &scheme.kind {
        SchemeKind::ApiKey { wire, .. } => Some(wire.as_str()),
        _ => None,
    });
    let settings = model.settings.iter().map(|setting| setting.wire.as_str());
    let known = OWN_HEADERS.into_iter().chain(declared).chain(keys).chain(settings);
    let known: BTreeSet<String> = known.map(str::to_ascii_lowercase).collect();
    let mut seen = BTreeSet::new();
    for (name, _) in &request.headers {
        let name = name.to_ascii_lowercase();
        if !known.contains(&name) {
            return Err(format!("no parameter declares the header `{name}`"));
        }
        if !seen.insert(name.clone()) {
            return Err(format!("the header `{name}` occurs twice"));
        }
    }
    Ok(())
}

/// Checks that the result does not contain the credentials that were sent.
fn holds_its_secrets(request: &Recorded, text: &str) -> Result<(), String> {
    if text.contains(CANARY) {
        return Err("the result contains a secret".to_owned());
    }
    let pair = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    match pair {
        Some(pair) if text.contains(pair) => {
            Err("the result contains a user name and its password".to_owned())
        }
        _ => Ok(()),
    }
}
