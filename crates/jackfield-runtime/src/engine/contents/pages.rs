//! Documentation pages of a connector, as Markdown. A page is generated when a client reads it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use jackfield_recipe::{Ask, Effect, FlowKind, Location};
use serde_json::{Map, Value};

use super::markdown::{block, span};
use super::page_address::PageAddress;
use crate::call::rows::{Connector, Need, Resource, Scheme, Tool};
use crate::engine::api::Api;
use crate::engine::listing::Listed;
use crate::engine::request::TargetKind;
use crate::engine::shape::Shape;

/// The maximum number of tools that the overview lists. If there are more, the overview refers to the pages of the groups.
const MOST_LISTED: usize = 100;
/// The maximum number of bytes of a schema on a page.
const LONGEST_SCHEMA: usize = 100_000;
/// The name of the group for tools that have no group in the document.
pub(crate) const OTHERS: &str = "other";

/// A tool on a page, as its caller may see it.
pub(crate) struct PageTool<'a> {
    /// The name by which clients call the tool.
    pub(crate) name: Cow<'a, str>,
    /// The connector's own name of the tool.
    pub(crate) own_name: Cow<'a, str>,
    pub(crate) title: Cow<'a, str>,
    pub(crate) description: Cow<'a, str>,
    pub(crate) effect: Effect,
    /// The tag of the tool's group.
    pub(crate) group: &'a str,
    /// The table entries of the operations, if the tool is generated.
    pub(crate) rows: Vec<&'a Tool<'a>>,
}

/// The facts from which the pages of a connector are generated, as far as the caller may see them.
pub(crate) struct Pages<'a> {
    pub(crate) connector: &'a Connector<'a>,
    /// The API of the connector. It knows the names that clients see if the connector is attached to another endpoint.
    pub(crate) api: &'a Api,
    /// The tools that the caller may see.
    pub(crate) tools: Vec<PageTool<'a>>,
    /// The operations that the caller may read as resources.
    pub(crate) resources: Vec<Resource<'a>>,
    /// The names and titles of the prompts that the caller may use.
    pub(crate) prompts: Vec<(String, String)>,
    /// Whether clients see the search tools instead of all tools.
    pub(crate) has_search: bool,
}

impl Pages<'_> {
    /// Returns the number of tools of each group, in the order of the document.
    pub(crate) fn groups(&self) -> Vec<(&str, usize)> {
        let mut groups: Vec<(&str, usize)> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for tool in &self.tools {
            let at = *known.entry(tool.group).or_insert(groups.len());
            match groups.get_mut(at) {
                Some((_, count)) => *count += 1,
                None => groups.push((tool.group, 1)),
            }
        }
        groups
    }

    pub(crate) fn overview(&self) -> String {
        let Self { connector, api, tools, resources, prompts, has_search } = self;
        let address = |own: &str| span(&api.name_for_clients(TargetKind::Resource, own));
        let title = if connector.title.is_empty() { connector.name } else { connector.title };
        let mut page = format!("# {}\n\n", span(title));
        let about =
            if connector.instructions.is_empty() { connector.description } else { connector.instructions };
        if !about.is_empty() {
            block(&mut page, "text", about);
            page.push('\n');
        }
        let count = |effect: Effect| tools.iter().filter(|tool| tool.effect == effect).count();
        let _ = writeln!(
            page,
            "{} tools: {} read, {} write, {} destroy. The page of a tool is at {}. Credentials and scopes are at {}.",
            tools.len(),
            count(Effect::Read),
            count(Effect::Write),
            count(Effect::Destroy),
            address(&PageAddress::tool_template(connector.name)),
            address(&PageAddress::Auth.of(connector.name)),
        );
        if *has_search {
            page.push_str("Clients find the tools with `search_tools`, and call them with `call_read` and `call_write`.\n");
        }
        let is_short = tools.len() <= MOST_LISTED;
        for (tag, count) in self.groups() {
            let _ = write!(page, "\n## {}\n\n", span(tag));
            match is_short {
                true => self.list(&mut page, tag),
                false => {
                    let group = PageAddress::Group(tag.to_owned()).of(connector.name);
                    let _ = writeln!(page, "{count} tools, listed at {}.", address(&group));
                }
            }
        }
        if !resources.is_empty() {
            page.push_str("\n## Resources\n\n");
            for resource in resources.iter().take(MOST_LISTED) {
                let _ = writeln!(page, "- {}", address(resource.uri));
            }
            if let Some(more) = resources.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
                let _ = writeln!(page, "- and {more} more");
            }
        }
        if !prompts.is_empty() {
            page.push_str("\n## Prompts\n\n");
            for (name, title) in prompts {
                let _ = writeln!(page, "- {}{}", span(name), said(title));
            }
        }
        page
    }

    /// Returns the page of a group, or `None` if the caller may see none of its tools.
    pub(crate) fn group(&self, tag: &str) -> Option<String> {
        self.tools.iter().find(|tool| tool.group == tag)?;
        let mut page = format!("# {}\n\n", span(tag));
        let group = self.connector.groups.iter().find(|group| group.tag == tag);
        if let Some(group) = group.filter(|group| !group.description.is_empty()) {
            block(&mut page, "text", group.description);
            page.push('\n');
        }
        self.list(&mut page, tag);
        Some(page)
    }

    fn list(&self, page: &mut String, tag: &str) {
        for tool in self.tools.iter().filter(|tool| tool.group == tag) {
            let text = if tool.title.is_empty() { first_line(&tool.description) } else { &tool.title };
            let _ = writeln!(page, "- {} ({}){}", span(&tool.name), tool.effect.as_str(), said(text));
        }
    }

    /// Returns the page about credentials and scopes.
    pub(crate) fn auth(&self) -> String {
        let mut page = String::from("# Credentials and scopes\n\n");
        page.push_str(
            "A tool needs all credentials of one of its alternatives, which the page of the tool lists.\n",
        );
        let mut users: BTreeMap<&str, Users<'_>> = BTreeMap::new();
        let mut free = 0;
        for tool in &self.tools {
            if !tool.rows.is_empty() && tool.rows.iter().all(|row| row.security.is_empty()) {
                free += 1;
            }
            let alternatives = tool.rows.iter().flat_map(|row| row.security.iter());
            for need in alternatives.flat_map(|alternative| alternative.iter()) {
                let users = users.entry(need.scheme).or_default();
                users.tools.insert(&tool.name);
                for scope in need.scopes {
                    users.scopes.entry(scope).or_default().insert(&tool.name);
                }
            }
        }
        if free > 0 {
            let _ = writeln!(page, "\n{free} tools need no credential.");
        }
        for scheme in self.connector.schemes {
            let Some(users) = users.get(scheme.name) else { continue };
            let _ = write!(page, "\n## {}\n\n", span(scheme.name));
            describe_scheme(&mut page, scheme);
            let _ = writeln!(page, "- used by {}", named(&users.tools));
            for (scope, tools) in &users.scopes {
                let _ = writeln!(page, "- scope {}: {}", span(scope), named(tools));
            }
        }
        page
    }

    /// Returns the page of a tool. `listed` is the entry of the tool in the list of the caller.
    pub(crate) fn tool(&self, tool: &PageTool<'_>, listed: &Listed) -> String {
        let mut page = format!("# {}\n\n", span(&tool.name));
        if !listed.title.is_empty() {
            let _ = write!(page, "{}\n\n", span(&listed.title));
        }
        let _ = writeln!(page, "- effect: {}", effect(listed.effect));
        if listed.idempotent && listed.effect != Effect::Read {
            page.push_str("- idempotent: repeating a call changes nothing more\n");
        }
        for row in &tool.rows {
            if row.merged.is_some() {
                let _ = write!(page, "\n## Operation {}\n\n", span(row.name));
            }
            describe_row(&mut page, row, self.api);
        }
        if !listed.description.is_empty() {
            page.push_str("\n## Description\n\n");
            block(&mut page, "text", &listed.description);
        }
        arguments(&mut page, &listed.input);
        schema(&mut page, "Input schema", &listed.input);
        if let Some(output) = &listed.output {
            schema(&mut page, "Output schema", output);
        }
        page
    }
}

/// The tools that use a security scheme, and for each scope the tools that need it.
#[derive(Default)]
struct Users<'a> {
    tools: BTreeSet<&'a str>,
    scopes: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", span(text)) }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Returns the first names as text, followed by the number of the remaining names.
fn named(tools: &BTreeSet<&str>) -> String {
    const MOST: usize = 20;
    let mut names: Vec<String> = tools.iter().take(MOST).map(|name| span(name)).collect();
    if let Some(more) = tools.len().checked_sub(MOST).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read: it changes nothing",
        Effect::Write => "write: it creates or changes something",
        Effect::Destroy => "destroy: it removes something, or has consequences that cannot be undone",
    }
}

fn describe_row(page: &mut String, row: &Tool<'_>, api: &Api) {
    let _ = writeln!(page, "- request: {}", span(&format!("{} {}", row.method, row.path)));
    match row.ask {
        Ask::ByEffect => {}
        Ask::Always => page.push_str("- approval: each call waits for a person\n"),
        Ask::Never => page.push_str("- approval: never asked for\n"),
    }
    match row.security {
        [] => page.push_str("- credentials: none\n"),
        alternatives => {
            let words: Vec<String> = alternatives.iter().map(|needs| alternative(needs)).collect();
            let _ = writeln!(page, "- credentials: {}", words.join("; or "));
        }
    }
    if row.job.is_some() {
        page.push_str("- a call may start a job and wait for it\n");
    }
    if row.paging.is_some() {
        page.push_str("- the list is paginated; a reply says how to get the next page\n");
    }
    if let Some(resource) = row.resource {
        let _ = writeln!(
            page,
            "- also a resource: {}",
            span(&api.name_for_clients(TargetKind::Resource, resource.uri))
        );
    }
}

fn alternative(needs: &[Need<'_>]) -> String {
    let words: Vec<String> = needs
        .iter()
        .map(|need| match need.scopes {
            [] => span(need.scheme),
            scopes => {
                let scopes: Vec<String> = scopes.iter().map(|scope| span(scope)).collect();
                format!("{} with {}", span(need.scheme), scopes.join(", "))
            }
        })
        .collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" and ") }
}

fn describe_scheme(page: &mut String, scheme: &Scheme<'_>) {
    let _ = writeln!(page, "- kind: {}", span(scheme.kind.as_str().unwrap_or("http")));
    match scheme.kind.parameter() {
        Some((location, name)) => {
            let location = match location {
                Location::Query => "query parameter",
                Location::Cookie => "cookie",
                Location::Header | Location::Path => "header",
            };
            let _ = writeln!(page, "- sent as the {location} {}", span(name));
        }
        None => page.push_str("- sent as the certificate of the connection\n"),
    }
    if !scheme.description.is_empty() {
        let _ = writeln!(page, "- {}", span(scheme.description));
    }
    for flow in scheme.flows {
        let kind = match flow.kind {
            FlowKind::AuthorizationCode => "authorization code",
            FlowKind::ClientCredentials => "client credentials",
            FlowKind::DeviceCode => "device code",
            FlowKind::Implicit => "implicit",
            FlowKind::Password => "password",
        };
        let _ = write!(page, "- flow: {kind}");
        for (word, url) in
            [("authorization", flow.authorization), ("device", flow.device), ("token", flow.token)]
        {
            if let Some(url) = url {
                let _ = write!(page, ", {word} at {}", span(url));
            }
        }
        page.push('\n');
    }
}

/// Appends the arguments as a list for people. The input schema, which follows on the page, has every detail.
fn arguments(page: &mut String, input: &Map<String, Value>) {
    let Some(properties) = input.get("properties").and_then(Value::as_object).filter(|all| !all.is_empty())
    else {
        return;
    };
    page.push_str("\n## Arguments\n\n");
    let required: BTreeSet<&str> = crate::engine::shape::required(input).collect();
    for (name, schema) in properties {
        let needed = if required.contains(name.as_str()) { ", required" } else { "" };
        let shape = Shape { schema, root: input }.to_string();
        let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(page, "- {} ({}{needed}){}", span(name), span(&shape), said(text));
    }
}

fn schema(page: &mut String, title: &str, schema: &Map<String, Value>) {
    let text = serde_json::to_string_pretty(schema).unwrap_or_default();
    let _ = write!(page, "\n## {title}\n\n");
    match text.len() {
        ..=LONGEST_SCHEMA => block(page, "json", &text),
        long => {
            let _ = writeln!(page, "The schema has {long} bytes, so it is shown only in the list of tools.");
        }
    }
}
