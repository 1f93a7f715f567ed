//! A mock of an API.

use serde_json::{Map, Value, json};

use crate::decode::{Decoded, decode};
use crate::operation::Operation;
use crate::replies::{Replies, Reply};
use crate::route::{Route, Target, base_path};
use crate::wire::Request;
use crate::{echo, pages};

/// The schemas of a mock's operations. An operation is identified by its index.
pub trait Schemas: Send + Sync {
    /// Returns the schema of the arguments of an operation, with all schemas that it refers to under `$defs`.
    fn input(&self, operation: usize) -> Value;

    /// Returns why the arguments of an operation do not match `schema`. `None` if they match.
    fn misfit(&self, operation: usize, schema: &Value, arguments: &Value) -> Option<String>;

    /// Returns the reply of an operation that has no reply in [`Replies`].
    fn reply(&self, operation: usize) -> Reply;
}

/// Answers requests as the operations of a connector do. It checks every request, but ignores credentials.
pub struct Mock {
    operations: Vec<Operation>,
    /// The route of each operation, the most specific first.
    routes: Vec<(Route, usize)>,
    /// Base paths that may precede the path of an operation.
    bases: Vec<String>,
    replies: Replies,
    schemas: Box<dyn Schemas>,
}

/// An answer of the mock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The tool of the operation, if one was found.
    pub tool: Option<String>,
    /// Whether the request matches the operation. If not, the body contains the reason.
    pub is_reply: bool,
}

/// The path below which a mock serves the status of each job that a tool has started. Every job is completed.
pub const JOB: &str = "/jackfield-mock/job";

impl Mock {
    /// Creates a mock of the given operations.
    pub fn new(operations: Vec<Operation>, replies: Replies, schemas: impl Schemas + 'static) -> Self {
        let routes = operations.iter().enumerate();
        let mut routes: Vec<(Route, usize)> =
            routes.map(|(at, it)| (Route::of(&it.method, &it.path), at)).collect();
        // The sort is stable: if routes are equally specific, the first route in the document is used.
        routes.sort_by_cached_key(|(route, _)| route.rank());
        Self { operations, routes, bases: vec![String::new()], replies, schemas: Box::new(schemas) }
    }

    /// Also serves the operations below the paths of the given server URLs.
    #[must_use]
    pub fn below<'u>(mut self, servers: impl IntoIterator<Item = &'u str>) -> Self {
        for base in servers.into_iter().map(base_path) {
            // Operations with their own servers often have the same base path.
            if !self.bases.contains(&base) {
                self.bases.push(base);
            }
        }
        self
    }

    /// Returns the operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Returns the answer of the API to a request.
    pub fn answer(&self, request: &Request) -> Answer {
        let target = Target::of(&request.target);
        let mut others: Vec<&str> = Vec::new();
        let mut refused = None;
        for base in &self.bases {
            let Some(path) = target.under(base) else { continue };
            for (route, at) in &self.routes {
                let Some(variables) = route.matches(path, &target.query) else { continue };
                let operation = &self.operations[*at];
                if operation.method != request.method {
                    others.push(&operation.method);
                    continue;
                }
                // In some documents, several operations have the same route, and differ only in their parameters.
                let answer = self.reply(operation, *at, request, &variables);
                if answer.is_reply {
                    return answer;
                }
                refused.get_or_insert(answer);
            }
        }
        if let Some(refused) = refused {
            return refused;
        }
        if let Some(tool) = target.under(JOB).and_then(|rest| rest.strip_prefix('/'))
            && let Some(operation) = self.operations.iter().find(|it| it.tool == tool)
        {
            let mut done = Reply::json(200, json!({ "status": "succeeded" }));
            pages::set_all(operation, &mut done.body);
            return Answer::of(&done, Some(tool));
        }
        let line = format!("{} {}", request.method, request.target);
        others.sort_unstable();
        others.dedup();
        match others.is_empty() {
            true => Answer::problem(404, None, &[format!("no operation matches the path of {line}")]),
            false => {
                let known = others.join(", ");
                let problem = format!("{line}: the operations with this path have only the methods {known}");
                let mut answer = Answer::problem(405, None, &[problem]);
                answer.headers.push(("allow".to_owned(), known));
                answer
            }
        }
    }

    fn reply(
        &self,
        operation: &Operation,
        at: usize,
        request: &Request,
        variables: &[(String, String)],
    ) -> Answer {
        let input = self.schemas.input(at);
        let decoded = decode(operation, &input, request, variables);
        let problems = self.problems(at, input, &decoded);
        if !problems.is_empty() {
            return Answer::problem(400, Some(&operation.tool), &problems);
        }
        let reply = self.replies.get(&operation.tool).cloned();
        let mut reply = reply.unwrap_or_else(|| self.schemas.reply(at));
        if !reply.media_type.is_empty() {
            echo::copy(&decoded.arguments, &mut reply.body);
            if let Some(paging) = &operation.paging {
                pages::divide(paging, &decoded.arguments, &mut reply.body);
            }
            pages::set_all(operation, &mut reply.body);
        }
        let mut answer = Answer::of(&reply, Some(&operation.tool));
        answer.headers.extend(operation.headers.iter().cloned());
        answer
    }

    /// Returns the reasons why the request does not match its operation.
    fn problems(&self, at: usize, mut input: Value, decoded: &Decoded) -> Vec<String> {
        let mut problems = decoded.problems.clone();
        // The schema contains only arguments that clients can set, so other values are ignored.
        let properties = input.get("properties").and_then(Value::as_object);
        let is_known = |name: &String| properties.is_some_and(|properties| properties.contains_key(name));
        let known = decoded.arguments.iter().filter(|(name, _)| is_known(name));
        let arguments: Map<String, Value> =
            known.map(|(name, value)| (name.clone(), value.clone())).collect();
        if let Value::Object(schema) = &mut input {
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.retain(|name| !decoded.unread.iter().any(|unread| name == unread.as_str()));
            }
            if !decoded.unread.is_empty() {
                schema.remove("minProperties");
            }
        }
        if problems.is_empty() {
            problems.extend(self.schemas.misfit(at, &input, &Value::Object(arguments)));
        }
        problems
    }
}

impl std::fmt::Debug for Mock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mock({} operations)", self.operations.len())
    }
}

impl Answer {
    fn of(reply: &Reply, tool: Option<&str>) -> Self {
        let tool = tool.map(str::to_owned);
        if reply.media_type.is_empty() {
            return Self {
                status: reply.status,
                headers: Vec::new(),
                body: Vec::new(),
                tool,
                is_reply: true,
            };
        }
        let headers = vec![("content-type".to_owned(), reply.media_type.clone())];
        Self { status: reply.status, headers, body: reply.bytes(), tool, is_reply: true }
    }

    fn problem(status: u16, tool: Option<&str>, problems: &[String]) -> Self {
        let error = problems.join("; ");
        let body = match tool {
            Some(tool) => json!({ "error": error, "tool": tool }),
            None => json!({ "error": error }),
        };
        Self { is_reply: false, ..Self::of(&Reply::json(status, body), tool) }
    }
}

#[cfg(test)]
mod tests;
