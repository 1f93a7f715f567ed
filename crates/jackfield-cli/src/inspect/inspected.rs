//! The facts about a tool that the table shows.

use jackfield_build::ListedTool;
use jackfield_build::model::Operation;

use super::auth::alternative;

/// A tool.
#[derive(Debug)]
pub struct Inspected {
    /// The name of the tool.
    pub name: String,
    /// The operations of a merged tool. Empty for any other tool.
    pub operations: Vec<Self>,
    /// The operationId, with which connector.toml can refer to the operation.
    pub operation_id: Option<String>,
    /// The method and path, with which connector.toml can also refer to the operation.
    pub route: String,
    /// The effect of the tool on the service.
    pub effect: &'static str,
    /// The reason for the effect, in a few words.
    pub because: String,
    /// Whether the effect was derived from more than the HTTP method, for example from texts.
    pub(super) judged: bool,
    /// The security alternatives, with scopes.
    pub auth: Vec<String>,
    /// The number of arguments.
    pub arguments: usize,
    /// The number of required arguments.
    pub required: usize,
    /// The URI, if clients can read the operation as a resource.
    pub resource: Option<String>,
    /// Whether clients can call the operation as a tool. Otherwise it is only a resource.
    pub is_tool: bool,
    /// The number of tokens in the tool's list entry.
    pub tokens: usize,
    /// The number of tokens of each argument, the largest first. The entry `$defs` counts the shared schemas.
    pub parts: Vec<(String, usize)>,
}

/// Returns the facts about a tool of the list. The tokens are counted later.
pub(super) fn describe_listed(tool: &ListedTool<'_>) -> Inspected {
    let operations = tool.operations.iter();
    let mut operations: Vec<Inspected> =
        operations.map(|tool| describe(tool.name.to_string(), tool.operation)).collect();
    let Some(merge) = tool.merge else { return operations.remove(0) };
    let routes: Vec<&str> = operations.iter().map(|operation| operation.route.as_str()).collect();
    let mut auth: Vec<String> = operations.iter().flat_map(|operation| operation.auth.clone()).collect();
    auth.sort();
    auth.dedup();
    Inspected {
        name: merge.name.to_string(),
        operation_id: None,
        route: routes.join(" or "),
        effect: merge.effect.as_str(),
        because: "the strongest effect of its operations".to_owned(),
        judged: operations.iter().any(|operation| operation.judged),
        auth,
        arguments: merge.args.len(),
        required: merge.args.iter().filter(|arg| arg.required).count(),
        resource: None,
        is_tool: true,
        tokens: 0,
        parts: Vec::new(),
        operations,
    }
}

fn describe(name: String, operation: &Operation) -> Inspected {
    Inspected {
        name,
        operations: Vec::new(),
        operation_id: operation.id.as_ref().map(|id| id.as_str().to_owned()),
        route: operation.route(),
        effect: operation.effect.as_str(),
        because: operation.because.clone(),
        judged: operation.because != operation.method.as_str(),
        auth: operation.security.iter().map(alternative).collect(),
        arguments: operation.args.len(),
        required: operation.args.iter().filter(|arg| arg.required).count(),
        resource: operation.resource.as_ref().map(|resource| resource.uri.clone()),
        is_tool: operation.is_tool(),
        tokens: 0,
        parts: Vec::new(),
    }
}
