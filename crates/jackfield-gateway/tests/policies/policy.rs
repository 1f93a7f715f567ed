//! A random gateway.toml, and the rights that it grants according to docs/gateway.md.

use std::fmt::Write as _;

use jackfield_recipe::Effect;
use serde_json::{Value, json};

use super::random::Random;

const NAMES: [&str; 4] = ["shop", "my-time", "docs", "a"];
pub(crate) const TOOLS: [&str; 5] = ["get_book", "list_books", "set_order", "delete_order", "get-order"];
pub(crate) const RESOURCES: [&str; 4] =
    ["file:///a.txt", "file:///secret.txt", "ui://map/main.html", "note:1"];
pub(crate) const TEMPLATE: &str = "note:{id}";
pub(crate) const PROMPTS: [&str; 2] = ["greet", "get_plan"];
const EFFECTS: [Effect; 3] = [Effect::Read, Effect::Write, Effect::Destroy];
const REGIONS: [&str; 3] = ["eu", "us", "eu-west"];

/// The kind of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Prompt,
}

/// The right of an agent to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Right {
    Hidden,
    /// The target is listed, but these arguments are refused.
    Refused,
    Allowed,
}

#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) connectors: Vec<Connector>,
    pub(crate) agents: Vec<Agent>,
}

#[derive(Debug)]
pub(crate) struct Connector {
    pub(crate) name: &'static str,
    /// The effects of the connector's tools, by patterns of tool names.
    effects: Vec<(&'static str, Effect)>,
}

#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) name: String,
    /// The names of the agent's connectors.
    connectors: Vec<&'static str>,
    effect: Option<Effect>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    effect: Effect,
    tools: Option<Vec<String>>,
    resources: Option<Vec<String>>,
    prompts: Option<Vec<String>>,
    /// The operator and the operand of a condition on the argument `region`.
    condition: Option<(&'static str, &'static str)>,
}

/// A question whether somebody has a right to a target.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) kind: Kind,
    pub(crate) connector: &'a str,
    /// The name of the target in its connector.
    pub(crate) own: &'a str,
    pub(crate) effect: Effect,
    /// The arguments of a call, or `None` for a list.
    pub(crate) arguments: Option<&'a Value>,
}

/// Returns the prefix of the names of a connector's tools and prompts.
fn prefix(connector: &str) -> String {
    format!("{}_", connector.replace('-', "_"))
}

/// Returns the name that clients see for a target.
pub(crate) fn shown(kind: Kind, connector: &str, own: &str) -> String {
    match (kind, own.strip_prefix("ui://")) {
        (Kind::Resource, Some(rest)) => format!("ui://{connector}/{rest}"),
        (Kind::Resource, None) => format!("{connector}+{own}"),
        _ => prefix(connector) + own,
    }
}

/// Whether a name matches a pattern. Tries every length for each `*`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|from| fits(rest, &name[from..])),
        Some((first, rest)) => {
            name.split_first().is_some_and(|(it, others)| it == first && fits(rest, others))
        }
    }
}

impl Policy {
    pub(crate) fn random(random: &mut Random) -> Self {
        let names: Vec<&'static str> = random.some(&NAMES);
        let connectors: Vec<Connector> =
            names.iter().map(|name| Connector { name, effects: effects(random) }).collect();
        let agents = (0..=random.next(2)).map(|at| Agent::random(random, at, &names)).collect();
        Self { connectors, agents }
    }

    /// Returns the text of gateway.toml.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        for Connector { name, effects } in &self.connectors {
            let _ = writeln!(text, "[connectors.{name}]\nurl = \"https://{name}.example.com/mcp\"");
            let _ = writeln!(text, "[connectors.{name}.effects]");
            for (pattern, effect) in effects {
                let _ = writeln!(text, "{pattern:?} = {:?}", effect.as_str());
            }
        }
        self.agents.iter().for_each(|agent| agent.write(&mut text));
        text
    }
}

fn effects(random: &mut Random) -> Vec<(&'static str, Effect)> {
    let patterns = random.some(&["get_*", "*_order", "*", "get_book", "delete_order", "list_*"]);
    patterns.into_iter().map(|pattern| (pattern, random.one(&EFFECTS))).collect()
}

impl Connector {
    /// Returns the effect that is configured for the exact name of a tool, or else for the first matching pattern. The default is
    /// `Destroy`.
    pub(crate) fn effect(&self, tool: &str) -> Effect {
        let exact = self.effects.iter().find(|(pattern, _)| *pattern == tool);
        let fitting = self.effects.iter().find(|(pattern, _)| fits(pattern.as_bytes(), tool.as_bytes()));
        exact.or(fitting).map_or(Effect::Destroy, |(_, effect)| *effect)
    }
}

impl Agent {
    fn random(random: &mut Random, at: usize, names: &[&'static str]) -> Self {
        let connectors = random.some(names);
        let effect = random.one_in(2).then(|| random.one(&EFFECTS));
        let least = usize::from(effect.is_none());
        let rules = (0..least + random.next(3)).map(|_| Rule::random(random, &connectors)).collect();
        Self { name: format!("agent-{at}"), connectors, effect, rules }
    }

    fn write(&self, text: &mut String) {
        let Self { name, connectors, effect, rules } = self;
        let _ = writeln!(text, "[agents.{name}]\nconnectors = {connectors:?}");
        if let Some(effect) = effect {
            let _ = writeln!(text, "effects = {:?}", effect.as_str());
        }
        for Rule { effect, tools, resources, prompts, condition } in rules {
            let _ = writeln!(text, "[[agents.{name}.rule]]\neffects = {:?}", effect.as_str());
            for (key, patterns) in [("tools", tools), ("resources", resources), ("prompts", prompts)] {
                if let Some(patterns) = patterns {
                    let _ = writeln!(text, "{key} = {patterns:?}");
                }
            }
            match condition {
                Some(("one_of", value)) => {
                    let _ = writeln!(text, "arguments.region = {{ one_of = [\"x\", {value:?}] }}");
                }
                Some((operator, value)) => {
                    let _ = writeln!(text, "arguments.region = {{ {operator} = {value:?} }}");
                }
                None => {}
            }
        }
    }

    /// Returns the right of the agent to a target.
    pub(crate) fn right(&self, asked: Asked<'_>) -> Right {
        let Asked { kind, connector, own, effect, arguments } = asked;
        let shown = shown(kind, connector, own);
        let is_attached = self.connectors.contains(&connector);
        let by_effect = match self.effect {
            Some(most) if is_attached && effect <= most => Right::Allowed,
            _ => Right::Hidden,
        };
        let by_rules = self.rules.iter().map(|rule| match is_attached && rule.covers(kind, &shown, effect) {
            false => Right::Hidden,
            true if arguments.is_none_or(|arguments| rule.holds(arguments)) => Right::Allowed,
            true => Right::Refused,
        });
        by_rules.chain([by_effect]).max().unwrap_or(Right::Hidden)
    }
}

impl Rule {
    fn random(random: &mut Random, connectors: &[&'static str]) -> Self {
        let condition = random
            .one_in(3)
            .then(|| (random.one(&["equals", "starts_with", "matches", "one_of"]), random.one(&REGIONS)));
        let mut of = |kind: Kind| random.one_in(2).then(|| patterns(random, kind, connectors));
        let (tools, resources, prompts) = (of(Kind::Tool), of(Kind::Resource), of(Kind::Prompt));
        Self { effect: random.one(&EFFECTS), tools, resources, prompts, condition }
    }

    fn covers(&self, kind: Kind, shown: &str, effect: Effect) -> bool {
        let is_about_all = self.tools.is_none() && self.resources.is_none() && self.prompts.is_none();
        let patterns = match kind {
            Kind::Tool => &self.tools,
            Kind::Resource => &self.resources,
            Kind::Prompt => &self.prompts,
        };
        // A resource has no arguments, so a condition on them cannot hold.
        let can_hold = kind != Kind::Resource || self.condition.is_none();
        can_hold
            && effect <= self.effect
            && patterns.as_ref().map_or(is_about_all, |them| chosen(them, shown))
    }

    fn holds(&self, arguments: &Value) -> bool {
        let region = arguments["region"].as_str();
        match self.condition {
            None => true,
            Some(("starts_with", start)) => region.is_some_and(|region| region.starts_with(start)),
            Some(("one_of", value)) => region == Some("x") || region == Some(value),
            Some((_, value)) => region == Some(value),
        }
    }
}

/// Whether patterns select a name: at least one pattern matches (or all patterns are exceptions), and no exception matches.
fn chosen(patterns: &[String], name: &str) -> bool {
    let fits = |pattern: &str| fits(pattern.as_bytes(), name.as_bytes());
    let (excepted, plain): (Vec<&String>, Vec<&String>) =
        patterns.iter().partition(|pattern| pattern.starts_with('!'));
    (plain.is_empty() || plain.iter().any(|pattern| fits(pattern)))
        && !excepted.iter().any(|pattern| fits(&pattern[1..]))
}

fn patterns(random: &mut Random, kind: Kind, connectors: &[&'static str]) -> Vec<String> {
    let one = |random: &mut Random| {
        let connector = random.one(connectors);
        let own = match kind {
            Kind::Tool => random.one(&["*", "get_*", "*_order", "get_book", "delete_order", "none", "*e*o*"]),
            Kind::Resource => {
                random.one(&["*", "file:*", "*secret*", "ui://*", "note:1", "note:*", "file:///a.txt"])
            }
            Kind::Prompt => random.one(&["*", "get_*", "greet", "none"]),
        };
        match random.next(5) {
            0 => "!*".to_owned() + random.one(&["secret*", "_order", "get*", "{id}", "docs*"]),
            1 => format!("!{}", shown(kind, connector, own)),
            _ => shown(kind, connector, own),
        }
    };
    (0..=random.next(2)).map(|_| one(random)).collect()
}

/// Returns random arguments of a call.
pub(crate) fn arguments(random: &mut Random) -> Value {
    match random.next(6) {
        0 => json!({}),
        1 => json!({ "region": 5 }),
        2 => json!({ "region": "x" }),
        _ => json!({ "region": random.one(&REGIONS) }),
    }
}
