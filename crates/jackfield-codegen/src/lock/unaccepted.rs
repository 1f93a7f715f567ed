//! Finds the tools of a connector that differ from its lock, which a person has reviewed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jackfield_model::{Ask, Connector, Effect, Merge, Operation, ToolName, WireName};
use jackfield_surface::{NamedTool, Surface};

use super::entries::{Entries, entries};
use super::word::word;

/// The parts of a connector that are not accepted, because they differ from the lines of the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unaccepted {
    /// The tools that are not accepted, in the order of the connector.
    pub tools: Vec<UnacceptedTool>,
    /// The security schemes that are not accepted. Tools that need one of them are not accepted either.
    pub schemes: BTreeSet<WireName>,
    /// Whether the servers of the connector are not accepted. Then tools that use these servers are not accepted either.
    pub servers: bool,
    /// Whether the title and the descriptions of the document and its tags are not accepted.
    pub texts: bool,
    /// Whether the instructions in connector.toml are not accepted.
    pub instructions: bool,
    /// The names of the prompts that are not accepted, in the order of the connector.
    pub prompts: Vec<String>,
    /// Whether the pages about the connector are not accepted.
    pub documentation: bool,
}

/// A tool that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnacceptedTool {
    /// The name of the tool.
    pub name: ToolName,
    /// The effect of the tool or the accepted effect, whichever is stronger.
    pub effect: Effect,
    /// The differences between the tool and the lock.
    pub because: Vec<Unlike>,
}

/// A difference between a tool and the lock: in the tool's own line, or in a line on which the tool depends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unlike {
    /// The lock has no tool of that name.
    New,
    /// The effect changed: the accepted effect, and the current effect.
    Effect(Effect, Effect),
    /// The digest changed: what models see, the credentials or the request.
    Digest,
    /// The approval of calls changed: the accepted choice, and the current choice.
    Approval(String, Ask),
    /// The servers of the connector changed.
    Servers,
    /// This security scheme changed.
    Scheme(WireName),
    /// The headers or certificate authorities of all requests changed.
    Requests,
    /// The tool that reads the status of the tool's job is withheld.
    Reader(ToolName),
    /// This operation of the merged tool differs from its line, as described.
    Operation(ToolName, Box<Self>),
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
            Self::Operation(operation, because) => {
                write!(f, "its operation `{operation}` is not accepted: {because}")
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
        let merges = [entries(accepted, "merge"), entries(made, "merge")];
        let merged = connector.merges.iter().filter_map(|merge| of_merge(merge, &merges));
        let tools = together(compared.collect(), merged.collect(), surface);
        let (old, new) = (entries(accepted, "prompt"), entries(made, "prompt"));
        let prompts = connector.prompts.iter().map(|prompt| prompt.name.as_str());
        let prompts = prompts.filter(|name| old.get(name) != new.get(name)).map(str::to_owned).collect();
        Self {
            tools,
            servers,
            schemes,
            texts: differ("texts"),
            instructions: differ("instructions"),
            prompts,
            documentation: connector.documentation && differ("documentation"),
        }
    }

    /// Whether everything is accepted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The lines about tools in both locks, and the differences that concern several tools.
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
                let known = effect_in(Some(line));
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

/// Compares a merged tool with its line. None if they are equal.
fn of_merge(merge: &Merge, [accepted, made]: &[Entries<'_>; 2]) -> Option<UnacceptedTool> {
    let [old, new] = [accepted, made].map(|lines| lines.get(merge.name.as_str()).copied());
    let known = effect_in(old);
    let because = match old {
        None => Unlike::New,
        Some(_) if known != merge.effect => Unlike::Effect(known, merge.effect),
        Some(_) if old != new => Unlike::Digest,
        Some(_) => return None,
    };
    Some(UnacceptedTool { name: merge.name.clone(), effect: merge.effect.max(known), because: vec![because] })
}

/// Returns the effect in a line. Any other word counts as `read`, because no stronger effect was accepted.
fn effect_in(line: Option<&str>) -> Effect {
    let known = [Effect::Read, Effect::Write, Effect::Destroy];
    known.into_iter().find(|it| it.as_str() == parts(line).0).unwrap_or(Effect::Read)
}

/// Converts operations to the tools that clients call. A merged tool is not accepted if one of its operations is not
/// accepted. A tool that starts a job is not accepted if the tool that reads the job's status is not accepted.
fn together(
    operations: Vec<UnacceptedTool>,
    merges: Vec<UnacceptedTool>,
    surface: &Surface<'_>,
) -> Vec<UnacceptedTool> {
    let mut own: BTreeMap<ToolName, UnacceptedTool> =
        operations.into_iter().map(|tool| (tool.name.clone(), tool)).collect();
    let mut found: BTreeMap<ToolName, UnacceptedTool> =
        merges.into_iter().map(|tool| (tool.name.clone(), tool)).collect();
    for tool in surface.tools() {
        if let Some(unaccepted) = own.remove(&tool.name) {
            add(&mut found, tool, unaccepted);
        }
    }
    let called: BTreeMap<&ToolName, &ToolName> =
        surface.tools().map(|tool| (&tool.name, tool.called())).collect();
    let read_by = |tool: &NamedTool<'_>| Some(tool.operation.job.as_ref()?.id.as_ref()?.1.tool.clone());
    let starters: Vec<(&NamedTool<'_>, ToolName)> =
        surface.tools().filter_map(|tool| Some((tool, read_by(tool)?))).collect();
    // The tool that reads a status may start a job itself.
    let mut known = None;
    while known != Some(found.len()) {
        known = Some(found.len());
        for (tool, reader) in &starters {
            let is_withheld = called.get(reader).is_some_and(|reader| found.contains_key(*reader));
            if is_withheld && !found.contains_key(tool.called()) {
                let because = vec![Unlike::Reader(reader.clone())];
                let (name, effect) = (tool.name.clone(), tool.operation.effect);
                add(&mut found, tool, UnacceptedTool { name, effect, because });
            }
        }
    }
    surface.tools().filter_map(|tool| found.remove(tool.called())).collect()
}

/// Adds the differences of an operation to the tool with which clients call it.
fn add(found: &mut BTreeMap<ToolName, UnacceptedTool>, tool: &NamedTool<'_>, unaccepted: UnacceptedTool) {
    if tool.operation.merged.is_none() {
        found.insert(unaccepted.name.clone(), unaccepted);
        return;
    }
    let UnacceptedTool { name: operation, effect, because } = unaccepted;
    let name = tool.called();
    let nothing = || UnacceptedTool { name: name.clone(), effect, because: Vec::new() };
    let merged = found.entry(name.clone()).or_insert_with(nothing);
    merged.effect = merged.effect.max(effect);
    // If the merged tool itself is new or changed, the user reviews all of it, so its operations are not listed.
    if merged.because.is_empty() || matches!(merged.because[0], Unlike::Operation(..)) {
        merged
            .because
            .extend(because.into_iter().map(|it| Unlike::Operation(operation.clone(), Box::new(it))));
    }
}

/// Returns the effect and the digest in the line of a tool. The digest covers the route.
fn parts(line: Option<&str>) -> (&str, &str) {
    let mut words = line.unwrap_or_default().split(' ');
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

/// Removes the origins that receive the credential from the line of a scheme, because these origins also depend on the servers of single
/// tools.
pub(super) fn plain(line: &str) -> String {
    line.split(' ').filter(|word| !word.starts_with("to=")).collect::<Vec<_>>().join(" ")
}
