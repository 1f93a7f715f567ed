//! Applies `[resources]` of connector.toml to tools.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{Connector, Diagnostic, Effect, Operation, Resource, Status};
use jackfield_surface::{ChosenName, Resolved, Table};

use crate::manifest::{LONGEST_URI, Manifest, Refusal, ResourceChoice, Span};
use crate::named_tools::NamedTools;
use crate::resource_address::{self, Address};

/// Sets how tools are read as resources. Returns findings about the rules.
pub(crate) fn apply(tools: &mut NamedTools<'_>) -> Vec<Diagnostic> {
    let manifest = tools.manifest;
    let table = &manifest.contents.resources;
    if table.is_empty() {
        return Vec::new();
    }
    let resolved = tools.resolve(Table::Resources, table);
    let NamedTools { connector, names, .. } = tools;
    let operations: Vec<&Operation> = connector.operations().collect();
    let mut errors = Vec::new();
    let mut found: BTreeMap<usize, Resource> = BTreeMap::new();
    for (rule, (key, span, choice)) in table.iter().enumerate() {
        let chosen: Vec<usize> = resolved.tools(rule).collect();
        let within = Within { manifest, key, span, choice };
        if let Some(error) = within.check_single(chosen.len()) {
            errors.push(error);
            continue;
        }
        let mut refusal = None;
        let before = found.len();
        for tool in chosen {
            match within.resource(connector, operations[tool], &names[tool]) {
                Ok(resource) => _ = found.insert(tool, resource),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        // A selector that matches several tools applies to the tools that can be resources.
        if found.len() == before {
            errors.extend(refusal.map(|refusal| *refusal));
        }
    }
    errors.extend(shared_addresses(manifest, &resolved, &found, names));
    errors.extend(needed_tools(manifest, connector, &resolved, &found, names));
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (tool, operation) in operations.enumerate() {
        operation.resource = found.remove(&tool);
    }
    errors
}

/// A rule, with its key and its position in connector.toml.
struct Within<'m> {
    manifest: &'m Manifest,
    key: &'m str,
    span: &'m Span,
    choice: &'m ResourceChoice,
}

impl Within<'_> {
    fn refuse(&self, span: &Span, problem: String, help: impl Into<String>) -> Diagnostic {
        let problem = format!("[resources.{}]: {problem}", toml_key(self.key));
        self.manifest.refuse(Refusal::new(span.clone(), problem, help))
    }

    /// Returns a finding if the rule sets a value that only one resource can have, and matches several tools.
    fn check_single(&self, tools: usize) -> Option<Diagnostic> {
        let ResourceChoice { uri, title, description, .. } = self.choice;
        let uri = uri.as_ref().map(|(_, _, span)| ("uri", span));
        let texts = [("title", title), ("description", description)];
        let mut single = uri
            .into_iter()
            .chain(texts.into_iter().filter_map(|(word, text)| text.as_ref().map(|(_, span)| (word, span))));
        let (word, span) = single.next().filter(|_| tools > 1)?;
        let problem = format!("`{word}` cannot be set for {tools} tools at once");
        Some(self.refuse(span, problem, "write a table for each tool, or remove this key"))
    }

    fn resource(
        &self,
        connector: &Connector,
        operation: &Operation,
        name: &ChosenName,
    ) -> Result<Resource, Box<Diagnostic>> {
        let name = name.name.as_str();
        let refuse = |problem: &str| {
            let help = "choose the tool of a GET operation with the effect `read`";
            Err(Box::new(self.refuse(self.span, format!("`{name}` {problem}"), help)))
        };
        if operation.method.as_str() != "GET" {
            return refuse("is not a GET operation");
        }
        if operation.effect != Effect::Read {
            return refuse("does not have the effect `read`");
        }
        if operation.job.is_some() {
            return refuse("starts a job, and a resource cannot wait for the result of a job");
        }
        if operation.body.is_some() {
            return refuse("sends a body");
        }
        let address = self.address(connector, operation, name)?;
        let ResourceChoice { title, description, media_type, is_tool, .. } = self.choice;
        let text = |text: &Option<(String, Span)>| text.as_ref().map(|(text, _)| text.clone());
        Ok(Resource {
            uri: address.text,
            arguments: address.arguments,
            title: text(title),
            description: text(description),
            media_type: media_type.clone().or_else(|| declared_media_type(operation)),
            is_tool: *is_tool,
        })
    }

    fn address(
        &self,
        connector: &Connector,
        operation: &Operation,
        name: &str,
    ) -> Result<Address, Box<Diagnostic>> {
        if let Some((template, text, span)) = &self.choice.uri {
            let chosen = resource_address::chosen(text, template, operation, &connector.pool);
            let address = chosen
                .map_err(|(problem, help)| Box::new(self.refuse(span, format!("`uri`: {problem}"), help)))?;
            let pages = format!("{}://docs", connector.name);
            let rest = text.strip_prefix(&pages);
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '{'])) {
                let problem = format!("`uri`: `{pages}` is reserved for the documentation of the connector");
                return Err(Box::new(self.refuse(span, problem, "choose another URI")));
            }
            return Ok(address);
        }
        let address = resource_address::usual(&connector.name, operation, &connector.pool);
        let address = address.and_then(|address| match address.text.len() {
            ..=LONGEST_URI => Ok(address),
            long => Err(format!("the default URI would have {long} bytes (limit {LONGEST_URI})")),
        });
        address.map_err(|why| {
            let help = format!("set its URI: `uri = \"{}://…\"`", connector.name);
            Box::new(self.refuse(self.span, format!("`{name}` has no default URI: {why}"), help))
        })
    }
}

/// Returns the media type of successful replies, if there is only one.
fn declared_media_type(operation: &Operation) -> Option<String> {
    let is_success = |status: Status| match status {
        Status::Code(code) => (200..300).contains(&code),
        Status::Range(hundreds) => hundreds == 2,
        Status::Default => false,
    };
    let replies = operation.replies.iter().filter(|reply| is_success(reply.status));
    let mut types = replies.filter_map(|reply| reply.media_type.as_deref());
    let first = types.next()?;
    let essence = first.split(';').next().unwrap_or_default().trim();
    let is_only = types.all(|other| other == first);
    (is_only && !essence.contains('*') && essence.contains('/')).then(|| essence.to_owned())
}

/// Returns findings about resources that have the same URIs.
fn shared_addresses(
    manifest: &Manifest,
    resolved: &Resolved,
    found: &BTreeMap<usize, Resource>,
    names: &[ChosenName],
) -> Vec<Diagnostic> {
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    let mut errors = Vec::new();
    for (tool, resource) in found {
        let Ok(template) = jackfield_model::UriTemplate::parse(&resource.uri) else { continue };
        let Some(other) = shapes.insert(template.shape(), *tool) else { continue };
        let Some(span) = resolved.rules[*tool].map(|rule| manifest.contents.resources.spans[rule].clone())
        else {
            continue;
        };
        let (tool, other) = (&names[*tool].name, &names[other].name);
        let problem = format!("the resources of `{other}` and `{tool}` have the same URI: {}", resource.uri);
        let help = format!("write another `uri` in [resources.{}]", toml_key(tool.as_str()));
        errors.push(manifest.refuse(Refusal::new(span, problem, help)));
    }
    errors
}

/// Returns findings about tools that would become resources only, although jobs, merged tools or `promote` need them as tools.
fn needed_tools(
    manifest: &Manifest,
    connector: &Connector,
    resolved: &Resolved,
    found: &BTreeMap<usize, Resource>,
    names: &[ChosenName],
) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (tool, _) in found.iter().filter(|(_, resource)| !resource.is_tool) {
        let Some(span) = resolved.rules[*tool].map(|rule| manifest.contents.resources.spans[rule].clone())
        else {
            continue;
        };
        let name = &names[*tool].name;
        let mut jobs = connector.operations().zip(names).filter_map(|(operation, name)| {
            let (_, reader) = operation.job.as_ref()?.id.as_ref()?;
            Some((&reader.tool, &name.name))
        });
        let problem = if let Some((_, starter)) = jobs.find(|(reader, _)| *reader == name) {
            format!("`{name}` reads the status of jobs that `{starter}` starts, so it has to stay a tool")
        } else if let Some(merged) = &names[*tool].merged {
            format!(
                "`{name}` is an operation of the merged tool `{}`, so clients can call it",
                merged.into.tool
            )
        } else if connector.promoted.contains(name) {
            format!("`{name}` is in `promote`, so it has to stay a tool")
        } else {
            continue;
        };
        errors.push(manifest.refuse(Refusal::new(span, problem, "remove `tool = false`")));
    }
    errors
}
