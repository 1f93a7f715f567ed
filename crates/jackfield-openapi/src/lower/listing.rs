//! The operations of a document in its order, listed before any of them is lowered.

use jackfield_model::{Candidate, Code, Diagnostic, Method};
use serde_json::Value;

use super::extension;
use super::path;
use crate::dialect::Dialect;
use crate::document::{Document, Node};

/// The keys of a path item that are methods.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The number of steps for listing one tag of an operation. The tags of a path item with many references are
/// listed repeatedly.
const STEPS_PER_TAG: usize = 4;

/// An operation, or a path item whose operations cannot be listed.
pub(crate) enum Entry<'d> {
    Operation(Listed<'d>),
    Broken { path: &'d str, reason: Box<Diagnostic> },
}

/// An operation and its place in the document.
pub(crate) struct Listed<'d> {
    /// The key of `paths`.
    pub(crate) path: &'d str,
    pub(crate) item: Node<'d>,
    pub(crate) method: Method,
    pub(crate) node: Node<'d>,
}

/// Returns the operations of the document in its order, before selectors are applied.
///
/// Path items that many paths share can list more operations than the budget of the document allows. Lowering skips
/// the operations beyond the budget.
pub fn candidates(document: &Document) -> Vec<Candidate<'_>> {
    document.budget.reset();
    let mut candidates = Vec::new();
    for entry in entries(document) {
        let Entry::Operation(listed) = entry else { continue };
        let candidate = listed.candidate();
        document.budget.copy(candidate.path.len());
        document.budget.take(STEPS_PER_TAG * candidate.tags.len());
        if !document.budget.has_operations() {
            break;
        }
        candidates.push(candidate);
    }
    candidates
}

/// Returns the entries below `paths`.
pub(crate) fn entries(document: &Document) -> impl Iterator<Item = Entry<'_>> {
    let dialect = document.dialect();
    let paths = document.root().get("paths");
    let paths: Vec<_> = paths.iter().flat_map(Node::entries).collect();
    // A path item without content has no operations. YAML parses it as null.
    let paths = paths.into_iter().filter(|(path, item)| !path.starts_with("x-") && !item.value().is_null());
    paths.flat_map(move |(path, item)| match resolved(&item) {
        Ok(item) => {
            let listed = |(method, node)| Entry::Operation(Listed { path, item: item.clone(), method, node });
            methods(&item, dialect).into_iter().map(listed).collect::<Vec<_>>()
        }
        Err(reason) => vec![Entry::Broken { path, reason }],
    })
}

fn resolved<'d>(item: &Node<'d>) -> Result<Node<'d>, Box<Diagnostic>> {
    let consequence = "the operations of this path are left out";
    let item = item.resolve().map_err(|dangling| Box::new(dangling.warn(consequence)))?;
    if item.as_object().is_some() {
        return Ok(item);
    }
    let problem = format!("a path item must be a mapping of methods, not {}", item.kind());
    let finding = Diagnostic::warning(Code::MalformedPathItem, item.place(), problem);
    Err(Box::new(finding.so(consequence).help("write the methods below the path, or remove the path")))
}

/// Returns the methods of a path item, in the order of the document.
fn methods<'d>(item: &Node<'d>, dialect: Dialect) -> Vec<(Method, Node<'d>)> {
    let mut found = Vec::new();
    for (key, node) in item.entries() {
        if METHODS.contains(&key) || (dialect == Dialect::V32 && key == "query") {
            found.extend(Method::new(key).ok().map(|method| (method.to_uppercase(), node)));
        } else if dialect == Dialect::V32 && key == "additionalOperations" {
            found.extend(node.entries().filter_map(|(key, node)| Some((Method::new(key).ok()?, node))));
        }
    }
    found
}

impl<'d> Listed<'d> {
    pub(crate) fn candidate(&self) -> Candidate<'d> {
        let tags = self.node.value().get("tags").and_then(Value::as_array).into_iter().flatten();
        Candidate {
            method: self.method.clone(),
            path: path::normalize(self.path),
            id: self.node.text("operationId"),
            tags: tags.filter_map(Value::as_str).collect(),
            is_hidden: extension::is_hidden(&self.node),
        }
    }
}
