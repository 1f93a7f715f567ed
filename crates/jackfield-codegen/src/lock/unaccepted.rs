//! The tools of a connector that are not those of its lock, which somebody has reviewed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jackfield_model::{Ask, Connector, Effect, Operation, ToolName, WireName};
use jackfield_surface::Surface;

use super::entries::{Entries, entries};
use super::word::word;

/// The parts of a connector that nobody has accepted, because they are unlike the lines of the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unaccepted {
    /// The tools, in the order of the connector.
    pub tools: Vec<UnacceptedTool>,
    /// The security schemes. All tools that need them are unaccepted too.
    pub schemes: BTreeSet<WireName>,
    /// Whether the servers of the connector are. All tools without a server of their own are unaccepted then.
    pub servers: bool,
    /// Whether the title or a description of the document or its tags is.
    pub texts: bool,
    /// Whether the instructions in connector.toml are.
    pub instructions: bool,
}

/// A tool that nobody has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnacceptedTool {
    /// The name of the tool.
    pub name: ToolName,
    /// The stronger one of the effects that it has and that somebody has accepted.
    pub effect: Effect,
    /// In what it is unlike the lock.
    pub because: Vec<Unlike>,
}

/// In what a tool is unlike its line of the lock, or the lines that it depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unlike {
    /// The lock has no tool of that name.
    New,
    /// The effect: the accepted one, and the one that it has.
    Effect(Effect, Effect),
    /// The digest of what models see of it, of its credentials and its request.
    Digest,
    /// Whether its calls wait for a person: the accepted choice, and the present one.
    Approval(String, Ask),
    /// The servers of the connector.
    Servers,
    /// A security scheme.
    Scheme(WireName),
    /// The headers or certificate authorities of all requests.
    Requests,
    /// The tool that reads the status of its job is withheld.
    Reader(ToolName),
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("it is new"),
            Self::Effect(accepted, now) => {
                write!(f, "its effect has changed from `{}` to `{}`", accepted.as_str(), now.as_str())
            }
            Self::Digest => f.write_str("its texts, arguments, credentials or requests have changed"),
            Self::Approval(accepted, now) => {
                write!(f, "its approval has changed from `{accepted}` to `{now}`")
            }
            Self::Servers => f.write_str("the servers have changed"),
            Self::Scheme(scheme) => write!(f, "the security scheme `{}` has changed", scheme.as_str()),
            Self::Requests => {
                f.write_str("the headers or certificate authorities of all requests have changed")
            }
            Self::Reader(reader) => write!(f, "`{reader}`, which reads the status of its job, is withheld"),
        }
    }
}

impl Unaccepted {
    /// Compares a connector with an accepted lock. `made` is the text of the lock that the connector would have.
    pub fn between(accepted: &str, made: &str, connector: &Connector, surface: &Surface<'_>) -> Self {
        let differ = |kind| entries(accepted, kind) != entries(made, kind);
        let servers = differ("server");
        let (old, new) = (entries(accepted, "scheme"), entries(made, "scheme"));
        let names = connector.schemes.iter().map(|scheme| &scheme.name);
        let schemes: BTreeSet<WireName> = names
            .filter(|name| {
                let line =
                    |lines: &Entries<'_>| lines.get(word(name.as_str()).as_str()).map(|line| plain(line));
                line(&old) != line(&new)
            })
            .cloned()
            .collect();
        let comparison = Comparison {
            tools: [entries(accepted, "tool"), entries(made, "tool")],
            asks: [entries(accepted, "ask"), entries(made, "ask")],
            servers,
            schemes: &schemes,
            requests: differ("requests"),
        };
        let compared = surface.tools().filter_map(|tool| comparison.of(&tool.name, tool.operation));
        let tools = with_readers(compared.collect(), surface);
        Self { tools, servers, schemes, texts: differ("texts"), instructions: differ("instructions") }
    }

    /// Whether everything was accepted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The lines of both locks about tools, and the differences that concern several tools.
struct Comparison<'t> {
    tools: [Entries<'t>; 2],
    asks: [Entries<'t>; 2],
    servers: bool,
    schemes: &'t BTreeSet<WireName>,
    requests: bool,
}

impl Comparison<'_> {
    fn of(&self, name: &ToolName, operation: &Operation) -> Option<UnacceptedTool> {
        let [accepted, made] = &self.tools;
        let mut because = Vec::new();
        let mut effect = operation.effect;
        match accepted.get(name.as_str()) {
            None => because.push(Unlike::New),
            Some(line) => {
                let [old, new] = [Some(line), made.get(name.as_str())].map(|line| parts(line.copied()));
                let known = [Effect::Read, Effect::Write, Effect::Destroy]
                    .into_iter()
                    .find(|it| it.as_str() == old.0);
                // Whatever the line says instead of an effect was never accepted.
                let known = known.unwrap_or(Effect::Read);
                if known != operation.effect {
                    because.push(Unlike::Effect(known, operation.effect));
                } else if old != new {
                    because.push(Unlike::Digest);
                }
                effect = effect.max(known);
            }
        }
        let [old, new] = [&self.asks[0], &self.asks[1]].map(|asks| asks.get(name.as_str()));
        if old != new && !because.contains(&Unlike::New) {
            let accepted = old.map_or(Ask::ByEffect.as_str(), |ask| *ask);
            because.push(Unlike::Approval(accepted.to_owned(), operation.ask));
        }
        if self.servers && operation.server.is_none() {
            because.push(Unlike::Servers);
        }
        let needs = operation.security.iter().flat_map(|requirement| &requirement.needs);
        let changed: BTreeSet<&WireName> =
            needs.map(|need| &need.scheme).filter(|name| self.schemes.contains(*name)).collect();
        because.extend(changed.into_iter().cloned().map(Unlike::Scheme));
        if self.requests {
            because.push(Unlike::Requests);
        }
        (!because.is_empty()).then(|| UnacceptedTool { name: name.clone(), effect, because })
    }
}

/// Adds the tools whose calls would read the status of their job with an unaccepted tool.
fn with_readers(tools: Vec<UnacceptedTool>, surface: &Surface<'_>) -> Vec<UnacceptedTool> {
    let mut found: BTreeMap<ToolName, UnacceptedTool> =
        tools.into_iter().map(|tool| (tool.name.clone(), tool)).collect();
    loop {
        let dependent = surface.tools().filter(|tool| !found.contains_key(&tool.name)).find_map(|tool| {
            let (_, reader) = tool.operation.job.as_ref()?.id.as_ref()?;
            found.contains_key(&reader.tool).then(|| UnacceptedTool {
                name: tool.name.clone(),
                effect: tool.operation.effect,
                because: vec![Unlike::Reader(reader.tool.clone())],
            })
        });
        let Some(dependent) = dependent else { break };
        found.insert(dependent.name.clone(), dependent);
    }
    surface.tools().filter_map(|tool| found.remove(&tool.name)).collect()
}

/// The effect and the digest in the line of a tool. Its route is part of the digest.
fn parts(line: Option<&str>) -> (&str, &str) {
    let mut words = line.unwrap_or_default().split(' ');
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

/// The line of a scheme without the origins that its credential goes to, which change with every tool that has a server of its own.
fn plain(line: &str) -> String {
    line.split(' ').filter(|word| !word.starts_with("to=")).collect::<Vec<_>>().join(" ")
}
