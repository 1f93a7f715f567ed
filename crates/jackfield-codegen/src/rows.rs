//! The tables of a connector as plain data. All conversions from the model to tables are here.
//!
//! `emit` prints these tables as const builder calls, and `jackfield preview` builds the same tables at run
//! time. Servers and schemes have no types here, because the model's types already have the fields of their
//! tables.

use std::collections::BTreeMap;

use jackfield_model::{
    Arg, ArgName, Ask, Caching, Defs, Effect, Group, Job, Merge, MergedInto, Operation, Paging, Preset,
    Requirement, Resource, Server, Step, WireName,
};
use jackfield_surface::{NamedTool, ToolGroup};
use serde_json::json;

use crate::json::{print, print_object};

/// The table entry of a tool. Empty and absent fields have the entry's defaults.
#[derive(Clone, Debug)]
pub struct ToolRow<'m> {
    /// The name with which clients call the tool.
    pub name: &'m str,
    /// The HTTP method.
    pub method: &'m str,
    /// The path template.
    pub path: &'m str,
    /// The steps that turn arguments into a request.
    pub recipe: &'m [Step],
    /// The title. Empty if name and description already contain it.
    pub title: &'m str,
    /// The description.
    pub description: &'m str,
    /// The text of the input schema. None if the tool takes no arguments.
    pub input: Option<String>,
    /// The text of the output schema.
    pub output: Option<String>,
    /// The value of `Accept`. None if only JSON is accepted.
    pub accept: Option<String>,
    /// The effect on the service.
    pub effect: Effect,
    /// Whether calls need the approval of a person: always, never, or according to the effect.
    pub ask: Ask,
    /// Whether the tool is idempotent.
    pub idempotent: bool,
    /// The header with which the service recognises a repeated request.
    pub idempotency_key: Option<&'m str>,
    /// The pagination of the operation's list.
    pub paging: Option<&'m Paging>,
    /// The decisions of connector.toml about values of the arguments.
    pub presets: &'m [Preset],
    /// The caching of the tool's replies.
    pub caching: Caching,
    /// The way to read the status of the job that the tool starts.
    pub job: Option<&'m Job>,
    /// The resource through which clients read the tool's reply.
    pub resource: Option<&'m Resource>,
    /// The merged tool through which clients call the operation, if the operation has no tool of its own.
    pub merged: Option<&'m MergedInto>,
    /// The tokens of the tool's entry in a list. 0 if they are not counted.
    pub tokens: usize,
    /// The argument with which a call selects the parts of its reply. Empty if there is none.
    pub fields: &'m str,
    /// The server, if it differs from the connector's server.
    pub server: Option<OwnServer<'m>>,
    /// The alternatives that authenticate the tool's calls.
    pub security: &'m [Requirement],
}

/// The server of a tool that does not use the connector's server.
#[derive(Clone, Copy, Debug)]
pub enum OwnServer<'m> {
    /// The URL of the server, if the URL has no variables.
    Url(&'m str),
    /// The whole server, if its URL has variables.
    WithVariables(&'m Server),
}

/// The table entry of a group: the tools of one tag.
#[derive(Clone, Debug)]
pub struct GroupRow<'m> {
    /// The tag.
    pub tag: &'m str,
    /// The document's description of the tag.
    pub description: &'m str,
}

/// The schemas of a pool by name, as JSON text.
pub type PoolTexts<'m> = BTreeMap<&'m str, String>;

impl<'m> ToolRow<'m> {
    /// Returns the table entry of a named tool.
    pub fn of(tool: &'m NamedTool<'m>) -> Self {
        Self::named(tool.name.as_str(), tool.operation)
    }

    /// Returns the table entry of an operation whose tool has that name.
    pub fn named(name: &'m str, operation: &'m Operation) -> Self {
        Self {
            name,
            method: operation.method.as_str(),
            path: &operation.path,
            recipe: &operation.recipe,
            title: if operation.title_is_said { "" } else { &operation.title },
            description: &operation.description,
            input: (!operation.args.is_empty()).then(|| input_text(operation)),
            output: operation.output.as_ref().map(|output| print(output.as_value())),
            accept: accept(operation),
            effect: operation.effect,
            ask: operation.ask,
            idempotent: operation.idempotent,
            idempotency_key: operation.idempotency_key.as_ref().map(WireName::as_str),
            paging: operation.paging.as_ref(),
            presets: &operation.presets,
            caching: operation.caching,
            job: operation.job.as_ref(),
            resource: operation.resource.as_ref(),
            merged: operation.merged.as_ref(),
            tokens: 0,
            fields: operation.reply_fields.as_ref().map_or("", ArgName::as_str),
            server: operation.server.as_ref().map(OwnServer::of),
            security: &operation.security,
        }
    }
}

/// The table entry of a tool that calls one of several operations.
#[derive(Clone, Debug)]
pub struct MergeRow<'m> {
    /// The name with which clients call the tool.
    pub name: &'m str,
    /// The title. Empty if there is none.
    pub title: &'m str,
    /// The description.
    pub description: &'m str,
    /// The text of the input schema.
    pub input: String,
    /// The text of the output schema.
    pub output: Option<String>,
    /// The strongest effect of the operations.
    pub effect: Effect,
    /// Whether all operations are idempotent.
    pub idempotent: bool,
    /// The tokens of the tool's entry in a list. 0 if they are not counted.
    pub tokens: usize,
}

impl<'m> MergeRow<'m> {
    /// Returns the table entry of a merged tool.
    pub fn of(merge: &'m Merge) -> Self {
        let Merge { name, title, description, args, output, effect, idempotent } = merge;
        Self {
            name: name.as_str(),
            title,
            description,
            input: schema_text(args, 0),
            output: output.as_ref().map(|output| print(output.as_value())),
            effect: *effect,
            idempotent: *idempotent,
            tokens: 0,
        }
    }
}

impl<'m> OwnServer<'m> {
    fn of(server: &'m Server) -> Self {
        if server.variables.is_empty() { Self::Url(&server.url) } else { Self::WithVariables(server) }
    }
}

impl<'m> GroupRow<'m> {
    /// Returns the table entry of a group.
    pub fn of(group: &ToolGroup<'m>) -> Self {
        let Group { tag, description, operations: _ } = group.group;
        Self { tag: tag.as_str(), description }
    }
}

/// Returns the schemas of a pool, as JSON text.
pub fn pool_texts(pool: &Defs) -> PoolTexts<'_> {
    pool.iter().map(|(name, schema)| (name.as_str(), print(schema.as_value()))).collect()
}

/// Returns the input schema as JSON text. The root of the schema is a plain object, because clients refuse any other
/// schema, and then drop the whole tool list.
pub fn input_text(operation: &Operation) -> String {
    schema_text(&operation.args, operation.fewest_args)
}

fn schema_text(args: &[Arg], fewest_args: usize) -> String {
    let required: Vec<&str> = args.iter().filter(|arg| arg.required).map(|arg| arg.name.as_str()).collect();
    let properties = args.iter().map(|arg| (arg.name.as_str(), arg.schema.as_value()));
    let mut tail = Vec::new();
    if !required.is_empty() {
        tail.push(("required", json!(required)));
    }
    if fewest_args > 0 {
        tail.push(("minProperties", fewest_args.into()));
    }
    tail.push(("additionalProperties", false.into()));
    print_object(&[("type", "object".into())], properties, &tail)
}

fn accept(operation: &Operation) -> Option<String> {
    match operation.accepts.as_slice() {
        [] => Some("*/*".to_owned()),
        [only] if only == "application/json" => None,
        types => Some(types.join(", ")),
    }
}
