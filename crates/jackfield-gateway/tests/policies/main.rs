//! Tests random gateway.toml files with agents. A caller can call, read, find, describe and complete exactly the targets that are listed.
//!
//! JACKFIELD_POLICIES sets the number of files, and JACKFIELD_POLICIES_SEED the seed of the first file.

#![allow(clippy::print_stderr, reason = "a failed case prints its seed")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod policy;
mod random;
mod recording_source;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use jackfield_gateway::config::GatewayConfig;
use jackfield_recipe::{Effect, SurfaceKind};
use jackfield_runtime::v1::Connector;
use jackfield_runtime::{
    Api, AttachedName, CallContext, CallError, Caller, Channel, Environment, FixedRights, Policies,
    Principal, Reference, Service, SourceRequest, SourceResponse,
};
use policy::{Agent, Asked, Kind, PROMPTS, Policy, RESOURCES, Right, TEMPLATE, TOOLS, arguments, shown};
use random::Random;
use recording_source::{RecordingSource, Sent};
use serde_json::{Map, Value, json};

/// The default number of files, if JACKFIELD_POLICIES is not set.
const USUAL: u64 = 2_000;
const SEED: u64 = 1;

static ENDPOINT: Connector = Connector::new("gateway");

/// The caller.
#[derive(Clone, Copy, Debug)]
enum Who<'p> {
    Agent(&'p Agent),
    /// The user who runs the gateway. This user may do everything.
    Local,
    /// The holder of a token that belongs to no agent. This caller may do nothing.
    Stranger,
}

impl Who<'_> {
    fn caller(self) -> Caller {
        let principal = match self {
            Self::Agent(agent) => Principal::Token(agent.name.clone()),
            Self::Local => Principal::Local,
            Self::Stranger => Principal::Token("stranger".to_owned()),
        };
        Caller::new(principal, Channel::Http)
    }

    fn right(self, asked: Asked<'_>) -> Right {
        match self {
            Self::Agent(agent) => agent.right(asked),
            Self::Local => Right::Allowed,
            Self::Stranger => Right::Hidden,
        }
    }
}

/// A gateway.toml, its gateway, and a caller.
struct Case<'p> {
    policy: &'p Policy,
    who: Who<'p>,
    caller: Caller,
    each: Service,
    search: Service,
    /// The requests to the sources since the last check.
    sent: Sent,
    /// The number of correct answers of each kind.
    counts: &'p mut Counts,
}

impl<'p> Case<'p> {
    fn new(policy: &'p Policy, who: Who<'p>, text: &str, counts: &'p mut Counts) -> Self {
        let config =
            GatewayConfig::parse(Path::new("gateway.toml"), text).unwrap_or_else(|error| panic!("{error}"));
        let sent = Sent::default();
        let agents = config.agents.as_ref().unwrap();
        let rights = Arc::new(FixedRights::parse(agents.rights.text()).unwrap());
        let environment = Environment::of([] as [(&str, &str); 0]);
        let service = |kind| {
            let api = Api::new(&ENDPOINT, environment.clone());
            let api = api.with_policies(Policies::none().permit(Arc::clone(&rights) as _));
            let service = Service::new(api, Vec::new()).unwrap();
            let connectors = policy.connectors.iter().zip(&config.connectors);
            let attached = connectors.fold(service, |service, (connector, entry)| {
                let source = RecordingSource {
                    connector: connector.name,
                    effects: entry.effects.clone(),
                    sent: Arc::clone(&sent),
                };
                let name = AttachedName::parse(connector.name).unwrap();
                service.attach_source(name, Arc::new(source), environment.clone()).unwrap()
            });
            attached.with_surface(kind, None)
        };
        let (each, search) = (service(SurfaceKind::Each), service(SurfaceKind::Search));
        Self { policy, who, caller: who.caller(), each, search, sent, counts }
    }

    /// Sends a request, and checks that the response matches the caller's right, and that the request reaches its source only if it is
    /// allowed.
    async fn check(
        &mut self,
        way: &'static str,
        service: &Service,
        request: SourceRequest,
        reaches: Reaches<'_>,
    ) {
        let told = format!("{way} {request:?}");
        let outcome = service.run(request, &CallContext::new(self.caller.clone())).await;
        let found = match &outcome.result {
            Ok(_) => Right::Allowed,
            Err(CallError::NotPermitted(_) | CallError::Unknown(_) | CallError::Surface(_)) => Right::Hidden,
            Err(CallError::ArgumentsNotPermitted(_)) => Right::Refused,
            Err(other) => panic!("{told}: {other:?}"),
        };
        let Reaches { right, connector, own } = reaches;
        assert_eq!(found, right, "{told} by {:?}", self.caller.principal());
        let sent = std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner));
        let sent: Vec<_> = sent.iter().map(|(connector, request)| (*connector, request.target().1)).collect();
        let expected =
            if right == Right::Allowed && way != "describe" { vec![(connector, own)] } else { Vec::new() };
        assert_eq!(sent, expected, "{told} by {:?}", self.caller.principal());
        *self.counts.entry((way, right)).or_default() += 1;
    }

    async fn tools(&mut self, random: &mut Random) {
        let (each, search) = (self.each.clone(), self.search.clone());
        let (mut listed, mut writes) = (Vec::new(), false);
        for connector in &self.policy.connectors {
            for own in TOOLS {
                let (name, effect) = (shown(Kind::Tool, connector.name, own), connector.effect(own));
                let list =
                    Asked { kind: Kind::Tool, connector: connector.name, own, effect, arguments: None };
                let is_listed = self.who.right(list) != Right::Hidden;
                writes |= is_listed && effect != Effect::Read;
                listed.extend(is_listed.then(|| name.clone()));
                let arguments = arguments(random);
                let right = self.who.right(Asked { arguments: Some(&arguments), ..list });
                let reaches = |right| Reaches { right, connector: connector.name, own };
                self.check("call", &each, call(&name, &arguments), reaches(right)).await;
                let shape = if is_listed { Right::Allowed } else { Right::Hidden };
                let describe = call("describe_tool", &json!({ "name": name }));
                self.check("describe", &search, describe, reaches(shape)).await;
                let (fit, unfit) = match effect {
                    Effect::Read => ("call_read", "call_write"),
                    _ => ("call_write", "call_read"),
                };
                let inner = json!({ "name": name, "arguments": arguments });
                self.check("call in search", &search, call(fit, &inner), reaches(right)).await;
                if unfit == "call_read" {
                    self.check(
                        "call by the wrong tool",
                        &search,
                        call(unfit, &inner),
                        reaches(Right::Hidden),
                    )
                    .await;
                }
                // The target is not found by the server's own name, nor with the prefix of another connector.
                self.check("call by its own name", &each, call(own, &arguments), reaches(Right::Hidden))
                    .await;
            }
        }
        let found: Vec<String> = each.list(&self.caller).map(|tool| tool.name).collect();
        assert_eq!(found, listed);
        assert_eq!(search.list(&self.caller).any(|tool| tool.name == "call_write"), writes);
        let query = call("search_tools", &json!({ "query": "house tool", "limit": 20 }));
        let outcome = search.run(query, &CallContext::new(self.caller.clone())).await;
        let Ok(SourceResponse::Tool(hits)) = &outcome.result else { panic!("{:?}", outcome.result) };
        for connector in &self.policy.connectors {
            for own in TOOLS {
                let name = shown(Kind::Tool, connector.name, own);
                let is_found = hits.as_text().contains(&format!("{name}("));
                assert_eq!(is_found, listed.contains(&name), "{name}: {}", hits.as_text());
            }
        }
    }

    async fn resources(&mut self) {
        let each = self.each.clone();
        let mut listed = Vec::new();
        for connector in &self.policy.connectors {
            for own in RESOURCES.into_iter().chain([TEMPLATE, "note:2"]) {
                let uri = shown(Kind::Resource, connector.name, own);
                let (of, effect) = (connector.name, Effect::Read);
                let read = Asked { kind: Kind::Resource, connector: of, own, effect, arguments: None };
                let right = self.who.right(read);
                let reaches = Reaches { right, connector: of, own };
                if own == TEMPLATE {
                    let request = complete(Reference::Template(uri.clone()));
                    self.check("completion of a template", &each, request, reaches).await;
                } else {
                    self.check("read", &each, SourceRequest::ReadResource { uri: uri.clone() }, reaches)
                        .await;
                }
                // `note:2` is not listed: it is a URI of the template.
                if right != Right::Hidden && own != "note:2" {
                    listed.push(uri);
                }
            }
        }
        let found: Vec<String> = each.resources(&self.caller).into_iter().map(|it| it.uri).collect();
        assert_eq!(found, listed);
    }

    async fn prompts(&mut self, random: &mut Random) {
        let each = self.each.clone();
        let mut listed = Vec::new();
        for connector in &self.policy.connectors {
            for own in PROMPTS {
                let name = shown(Kind::Prompt, connector.name, own);
                let (of, effect) = (connector.name, Effect::Read);
                let list = Asked { kind: Kind::Prompt, connector: of, own, effect, arguments: None };
                let arguments = arguments(random);
                let get = self.who.right(Asked { arguments: Some(&arguments), ..list });
                let list = self.who.right(list);
                let reaches = |right| Reaches { right, connector: of, own };
                let request = SourceRequest::GetPrompt { name: name.clone(), arguments: object(&arguments) };
                self.check("prompt", &each, request, reaches(get)).await;
                let request = complete(Reference::Prompt(name.clone()));
                self.check("completion of a prompt", &each, request, reaches(list)).await;
                listed.extend((list != Right::Hidden).then_some(name));
            }
        }
        let found: Vec<String> = each.prompts(&self.caller).into_iter().map(|it| it.name).collect();
        assert_eq!(found, listed);
    }
}

/// The right that a request needs, and the target that it reaches.
struct Reaches<'r> {
    right: Right,
    connector: &'static str,
    own: &'r str,
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn call(name: &str, arguments: &Value) -> SourceRequest {
    SourceRequest::CallTool { name: name.to_owned(), arguments: object(arguments) }
}

fn complete(reference: Reference) -> SourceRequest {
    let (argument, value, context) = ("id".to_owned(), String::new(), Map::new());
    SourceRequest::Complete { reference, argument, value, context }
}

fn variable(name: &str, usual: u64) -> u64 {
    let written = std::env::var(name).ok();
    written
        .map_or(usual, |text| text.parse().unwrap_or_else(|error| panic!("{name} is not a number: {error}")))
}

/// Prints the file of a case that fails.
struct Failing {
    seed: u64,
    text: String,
}

impl Drop for Failing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("JACKFIELD_POLICIES_SEED={} JACKFIELD_POLICIES=1\n{}", self.seed, self.text);
        }
    }
}

/// The number of answers by kind of request and right.
type Counts = BTreeMap<(&'static str, Right), usize>;

/// Generates the gateway.toml of a seed, and checks the requests of each caller.
async fn check(seed: u64, counts: &mut Counts) {
    let mut random = Random::of(seed);
    let policy = Policy::random(&mut random);
    let failing = Failing { seed, text: policy.written() };
    let who = match random.next(10) {
        0 => Who::Local,
        1 => Who::Stranger,
        _ => Who::Agent(&policy.agents[random.next(policy.agents.len())]),
    };
    let mut case = Case::new(&policy, who, &failing.text, counts);
    case.tools(&mut random).await;
    case.resources().await;
    case.prompts(&mut random).await;
}

#[test]
fn listed_targets_are_exactly_the_callable_targets() {
    let (first, count) = (variable("JACKFIELD_POLICIES_SEED", SEED), variable("JACKFIELD_POLICIES", USUAL));
    let workers = std::thread::available_parallelism().map_or(1, |it| it.get() as u64);
    let part = move |worker| (first..first + count).skip(worker as usize).step_by(workers as usize);
    let worker = |worker: u64| {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let mut counts = Counts::new();
            part(worker).for_each(|seed| runtime.block_on(check(seed, &mut counts)));
            counts
        })
    };
    let workers: Vec<_> = (0..workers).map(worker).collect();
    let mut counts = Counts::new();
    for worker in workers {
        let found = worker.join().expect("the file of a seed above is not decided as it is written");
        found.into_iter().for_each(|(key, times)| *counts.entry(key).or_default() += times);
    }
    println!("{count} files from seed {first}: {counts:?}");
    // Each kind of request must have met each right often enough, or else the test would prove nothing.
    let expected = [
        (&["call", "call in search", "prompt"][..], &[Right::Hidden, Right::Refused, Right::Allowed][..]),
        (
            &["describe", "read", "completion of a template", "completion of a prompt"],
            &[Right::Hidden, Right::Allowed],
        ),
    ];
    for (ways, rights) in expected.into_iter().filter(|_| count >= USUAL) {
        for (way, right) in ways.iter().flat_map(|way| rights.iter().map(move |right| (*way, *right))) {
            assert!(counts[&(way, right)] > 100, "{way} {right:?}: {counts:?}");
        }
    }
}
