//! Calls every operation of documents about credentials with every set of credentials that a user may have.
//! The test checks which alternative is chosen, and that each credential is sent only in its slot.
//!
//! The documents are those in specs/, compiled and previewed, and documents that combine all scheme kinds and security requirements.

mod matrix;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jackfield_build::model::{Connector as Model, CredentialField, SchemeKind};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Caller, Channel, Environment, Location, Service};
use jackfield_testkit::{Answer, Fill, Recorded, Upstream, arguments, canary, leaks, without_canaries};
use jackfield_tests::SPECS;
use serde_json::{Value, json};

use crate::specs;

/// The maximum number of security schemes per operation, because the number of credential sets grows exponentially.
const MOST_SCHEMES: usize = 5;

/// One alternative of an operation's security requirements: schemes that are needed together.
struct Operation {
    tool: String,
    arguments: serde_json::Map<String, Value>,
    alternatives: Vec<Vec<String>>,
}

/// A document, reduced to the properties that this test needs.
struct Matrix<'m> {
    about: String,
    name: String,
    model: &'m Model,
    operations: Vec<Operation>,
}

/// Counts the calls, so that a test without calls fails.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    sent: usize,
    without: usize,
    refused: usize,
}

impl Matrix<'_> {
    async fn hold(&self, connector: impl Into<ConnectorRows>, tally: &mut Tally) {
        let connector = &connector.into();
        let asks = Arc::new(AtomicBool::new(false));
        let asking = Arc::clone(&asks);
        let upstream = Upstream::start(move |request: &Recorded| {
            let answered = request.header("authorization").is_some_and(|it| it.starts_with("Digest "));
            match asking.load(Ordering::SeqCst) && !answered {
                true => {
                    Answer::empty(401).header("www-authenticate", "Digest realm=\"r\", nonce=\"n\", qop=auth")
                }
                false => Answer::empty(204),
            }
        });
        let upstream = upstream.await.unwrap();
        for operation in &self.operations {
            let mentioned: BTreeSet<&str> =
                operation.alternatives.iter().flatten().map(String::as_str).collect();
            let mentioned: Vec<&str> = mentioned.into_iter().collect();
            assert!(mentioned.len() <= MOST_SCHEMES, "{}: {}", self.about, operation.tool);
            for set in 0..1_u32 << mentioned.len() {
                let has = |at: usize| set & (1 << at) != 0;
                let there: BTreeSet<&str> =
                    mentioned.iter().enumerate().filter(|(at, _)| has(*at)).map(|(_, name)| *name).collect();
                let chosen = self.choose(operation, &there);
                let has_digest = chosen.iter().flatten().any(|it| self.kind(it) == Some(&SchemeKind::Digest));
                asks.store(has_digest, Ordering::SeqCst);
                let about = format!("{}: {} with {there:?}", self.about, operation.tool);
                let text = self.call(connector, &upstream, operation, &there).await;
                let requests = upstream.take();
                match chosen {
                    None => {
                        assert_eq!(requests, [], "{about}: a request was sent without a usable alternative");
                        assert!(text.contains("nothing was sent"), "{about}: {text}");
                        self.names_what_is_missing(operation, &there, &text, &about);
                        tally.refused += 1;
                    }
                    Some(chosen) => {
                        assert_eq!(requests.len(), 1 + usize::from(has_digest), "{about}: {text}");
                        let counted = if chosen.is_empty() { &mut tally.without } else { &mut tally.sent };
                        *counted += 1;
                        self.is_in_its_place(requests.last().unwrap(), &chosen, &about);
                        // The request that was answered with a challenge contained every credential except
                        // the digest.
                        if has_digest {
                            let others: Vec<String> = chosen
                                .into_iter()
                                .filter(|it| self.kind(it) != Some(&SchemeKind::Digest))
                                .collect();
                            self.is_in_its_place(&requests[0], &others, &about);
                        }
                    }
                }
                assert_eq!(leaks(text.as_bytes()), Vec::<String>::new(), "{about}");
            }
        }
    }

    fn kind(&self, scheme: &str) -> Option<&SchemeKind> {
        self.model.schemes.iter().find(|it| it.name.as_str() == scheme).map(|it| &it.kind)
    }

    /// Returns the first alternative that is complete and can be sent without TLS. It is empty if no credential is
    /// needed.
    fn choose(&self, operation: &Operation, there: &BTreeSet<&str>) -> Option<Vec<String>> {
        let usable = |name: &String| {
            let kind = self.kind(name);
            there.contains(name.as_str())
                && !matches!(kind, None | Some(SchemeKind::MutualTls | SchemeKind::Http(_)))
        };
        let clashes = |names: &[String]| {
            let mut places = BTreeSet::new();
            !names.iter().filter_map(|name| self.kind(name)).all(|kind| places.insert(place(kind)))
        };
        let complete = operation
            .alternatives
            .iter()
            .find(|names| !names.is_empty() && names.iter().all(usable) && !clashes(names));
        let is_optional =
            operation.alternatives.is_empty() || operation.alternatives.iter().any(Vec::is_empty);
        complete.cloned().or_else(|| is_optional.then(Vec::new))
    }

    async fn call(
        &self,
        connector: &ConnectorRows,
        upstream: &Upstream,
        operation: &Operation,
        there: &BTreeSet<&str>,
    ) -> String {
        let mut variables = vec![(variable(&self.name, "BASE_URL"), upstream.base_url())];
        for name in there {
            for word in self.kind(name).map(SchemeKind::fields).unwrap_or_default() {
                let value = match word {
                    CredentialField::Username => "ada".to_owned(),
                    // This test only checks whether a token is sent; other tests cover how tokens are
                    // obtained.
                    CredentialField::ClientId | CredentialField::ClientSecret => continue,
                    _ => canary(name),
                };
                variables.push((variable(&self.name, &format!("{}_{name}", word.as_str())), value));
            }
        }
        let service = Service::new(Api::new(connector, Environment::of(variables)), Vec::new()).unwrap();
        let result = service
            .call(&operation.tool, operation.arguments.clone(), &Caller::local(Channel::CommandLine))
            .await
            .unwrap();
        result.as_text().to_owned()
    }

    /// Checks that the text names the variables of every possible alternative.
    fn names_what_is_missing(&self, operation: &Operation, there: &BTreeSet<&str>, text: &str, about: &str) {
        for name in operation.alternatives.iter().flatten().filter(|name| !there.contains(name.as_str())) {
            let word = match self.kind(name) {
                Some(SchemeKind::Bearer) => "TOKEN",
                Some(SchemeKind::ApiKey { .. }) => "API_KEY",
                Some(SchemeKind::Basic | SchemeKind::Digest) => "USERNAME",
                _ => continue,
            };
            assert!(text.contains(&variable(&self.name, word)), "{about}: {word} is not named: {text}");
        }
    }

    /// Checks that every credential of the alternative is in its slot, and that the request contains no other
    /// credential.
    fn is_in_its_place(&self, request: &Recorded, chosen: &[String], about: &str) {
        let mut rest = request.clone();
        for name in chosen {
            let kind = self.kind(name).unwrap();
            let found = match kind {
                SchemeKind::ApiKey { location: Location::Query, wire } => {
                    let wire = wire.as_str().replace(' ', "%20");
                    let pair = format!("{wire}={}", canary(name));
                    let query = request.query().unwrap_or_default();
                    rest.target = rest.target.replace(&pair, "");
                    query.split('&').filter(|it| **it == pair).count() == 1
                }
                SchemeKind::ApiKey { location: Location::Cookie, wire } => {
                    let pair = format!("{wire}={}", canary(name));
                    let line = request.header("cookie").unwrap_or_default();
                    take(&mut rest, "cookie", &pair);
                    line.split("; ").filter(|it| **it == pair).count() == 1
                }
                SchemeKind::ApiKey { wire, .. } => {
                    take(&mut rest, wire.as_str(), &canary(name));
                    request.headers_named(wire.as_str()) == [canary(name)]
                }
                SchemeKind::Basic => {
                    let line = without_canaries(request.header("authorization").unwrap_or_default());
                    rest.headers.retain(|(name, _)| name != "authorization");
                    line == format!("Basic {{base64:ada:{{canary:{name}}}}}")
                }
                SchemeKind::Digest => {
                    // The digest header repeats the request target, and so a credential in the query.
                    take(&mut rest, "authorization", &request.target);
                    let line = request.header("authorization").unwrap_or_default();
                    line.starts_with("Digest username=\"ada\", ")
                }
                _ => {
                    take(&mut rest, "authorization", &format!("Bearer {}", canary(name)));
                    request.headers_named("authorization") == [format!("Bearer {}", canary(name))]
                }
            };
            assert!(found, "{about}: `{name}` is not in its place\n{request}");
        }
        assert_eq!(leaks(rest.to_text().as_bytes()), Vec::<String>::new(), "{about}\n{request}");
    }
}

/// Removes a text from the headers of that name.
fn take(request: &mut Recorded, name: &str, text: &str) {
    for (_, value) in request.headers.iter_mut().filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
        *value = value.replacen(text, "", 1);
    }
}

fn place(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey { location: Location::Header, wire } => wire.as_str().to_ascii_lowercase(),
        SchemeKind::ApiKey { location, wire } => format!("{location:?} {wire}"),
        SchemeKind::MutualTls => "the connection".to_owned(),
        _ => "authorization".to_owned(),
    }
}

fn variable(connector: &str, suffix: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{connector}_{suffix}").chars().map(plain).collect()
}

/// Returns the security requirements in the model of the document.
fn modelled(model: &Model, tool: impl Fn(&str, &str) -> Option<String>) -> Vec<Operation> {
    let found = model.operations().filter_map(|operation| {
        let names = |needs: &[jackfield_build::model::Need]| {
            needs.iter().map(|need| need.scheme.to_string()).collect::<Vec<_>>()
        };
        Some(Operation {
            tool: tool(&operation.method.to_string(), operation.path.as_str())?,
            arguments: arguments(operation, &model.pool.send, Fill::Minimal),
            alternatives: operation.security.iter().map(|one| names(&one.needs)).collect(),
        })
    });
    found.collect()
}

#[tokio::test]
async fn each_credential_is_sent_only_in_its_header_parameter_or_cookie() {
    let mut tally = Tally::default();
    for spec in SPECS.iter().filter(|spec| spec.file.starts_with("auth_")) {
        let modelled_spec = specs::model(&specs::document(spec.file), spec.name);
        let model = &modelled_spec.connector;
        let surface = modelled_spec.surface();
        let tool = |method: &str, path: &str| {
            let mut tools = surface.tools();
            let found =
                tools.find(|it| it.operation.path == path && it.operation.method.to_string() == method);
            found.map(|it| it.name.to_string())
        };
        let operations = modelled(model, tool);
        let matrix = Matrix { about: spec.file.to_owned(), name: spec.name.to_owned(), model, operations };
        matrix.hold(spec.connector, &mut tally).await;
        let preview = specs::preview(&specs::document(spec.file), spec.name);
        matrix.hold(preview, &mut tally).await;
    }
    assert!(tally.sent > 50 && tally.refused > 50 && tally.without > 5, "{tally:?}");
}

#[tokio::test]
async fn argument_named_like_the_credential_is_refused_before_sending() {
    let upstream = Upstream::start(|_: &Recorded| Answer::empty(204)).await.unwrap();
    let variables = [
        ("IMITATED_BASE_URL".to_owned(), upstream.base_url()),
        ("IMITATED_API_KEY_QUERYKEY".to_owned(), canary("queryKey")),
    ];
    let connector = specs::preview(&specs::document("auth_imitated.yaml"), "imitated");
    let service = Service::new(Api::new(connector, Environment::of(variables)), Vec::new()).unwrap();
    for (tool, arguments, expected) in [
        ("search_by_text", json!({ "query": "api_key=x" }), "query parameter `api_key`"),
        ("search_by_text", json!({ "query": "a;api_key=x" }), "query parameter `api_key`"),
        ("search_by_form", json!({ "query": { "api_key": "x" } }), "query parameter `api_key`"),
        ("search_by_object", json!({ "filter": { "api_key": "x" } }), "query parameter `api_key`"),
        ("search_by_object", json!({ "shelf": { "session": "x" } }), "cookie `session`"),
    ] {
        let result = service
            .call(tool, arguments.as_object().cloned().unwrap(), &Caller::local(Channel::CommandLine))
            .await
            .unwrap();
        let text = result.as_text();
        assert!(result.is_error() && text.contains(expected), "{tool} {arguments}: {text}");
        assert_eq!(upstream.take(), [], "{tool} {arguments}");
    }
    for (tool, arguments) in [
        ("search_by_text", json!({ "query": "key=x&a" })),
        ("search_by_form", json!({ "query": { "key": "api_key=x" } })),
        ("search_by_object", json!({ "filter": { "key": "x" }, "shelf": { "theme": "x" } })),
    ] {
        let result = service
            .call(tool, arguments.as_object().cloned().unwrap(), &Caller::local(Channel::CommandLine))
            .await
            .unwrap();
        let (text, requests) = (result.as_text(), upstream.take());
        assert!(!result.is_error() && requests.len() == 1, "{tool} {arguments}: {text}");
        assert_eq!(requests[0].target.matches("api_key=").count(), 1, "{}", requests[0].target);
    }
}
