//! Lowers a document to the model. Operations are lowered separately, so that a malformed operation does not affect
//! other operations.

mod accept;
mod auth;
mod binary;
mod body;
mod carried;
mod choices;
mod context;
mod extension;
mod field;
mod fixed;
mod idempotency;
mod job;
mod listing;
mod media;
mod names;
mod operation;
mod paging;
mod param;
mod part;
mod path;
mod private;
mod range;
mod reply;
mod schema;
mod server;
mod shape;
mod text;
mod versions;
mod wording;
mod xml;

use std::collections::BTreeMap;

use jackfield_model::{Code, Connector, Count, Diagnostic, Group, Operation, Scheme, Server, Skip, WireName};

use crate::document::{Document, Node};
pub use auth::endpoint;
use choices::BodyChoices;
pub use choices::{Choices, FormObjects, MatchedKeys};
use context::Context;
pub use listing::candidates;
use listing::{Entry, Listed};

/// The model, and the findings of lowering.
pub struct Lowered {
    /// The model.
    pub connector: Connector,
    /// The numbers of operations that were emitted, skipped and excluded.
    pub count: Count,
    /// The operations that were left out.
    pub skips: Vec<Skip>,
    /// All other findings, in the order in which they were found.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of steps that lowering took, which is linear in the size of the document.
    pub steps: usize,
    /// The keys of the choices that matched an operation with a body.
    pub matched: MatchedKeys,
    /// Whether [`Choices::require`] applies to an operation: neither the operation nor the document has `security`.
    pub is_required: bool,
    /// Whether an operation has an empty `security` of its own.
    pub has_empty: bool,
}

/// The URL at which the document is published, and the base URL of its requests.
struct Base {
    origin: Option<String>,
    /// The servers that the document declares.
    servers: Vec<Server>,
    /// The URL against which relative URLs of authorization servers are resolved.
    address: Option<String>,
}

impl Base {
    fn of(document: &Document, choices: &Choices, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let root = document.root();
        // From 3.2 on, a document can declare the URL at which it is published.
        let own = || root.text("$self").filter(|it| it.contains("://")).map(str::to_owned);
        let origin = choices.document_url.clone().or_else(own);
        let servers = server::servers(&root, document.dialect(), origin.as_deref(), diagnostics);
        let address = choices.server.clone().or_else(|| servers.first().map(Server::address));
        let address = address.filter(|base| auth::endpoint(base).is_ok()).or_else(|| origin.clone());
        Self { origin, servers, address }
    }
}

/// Returns the security schemes that the document declares. A caller derives [`Choices::schemes`] from them.
pub fn declared_schemes(document: &Document, choices: &Choices) -> Vec<Scheme> {
    // Lowering parses the schemes again and reports their problems.
    let (mut lost, mut diagnostics) = (Vec::new(), Vec::new());
    let base = Base::of(document, choices, &mut diagnostics);
    let address = base.address.as_deref();
    auth::schemes(&document.root(), document.dialect(), address, &mut lost, &mut diagnostics)
}

/// Lowers the whole document.
pub fn lower(document: &Document, choices: &Choices) -> Lowered {
    let root = document.root();
    document.budget.reset();
    let mut diagnostics = document.findings().to_vec();
    let Base { origin, servers, address } = Base::of(document, choices, &mut diagnostics);
    let mut context = Context::new(document, origin, private::Private::new(choices, &servers));
    context.diagnostics = diagnostics;
    context.private.check_root(&root, &mut context.diagnostics);
    let mut lost = Vec::new();
    let declared =
        auth::schemes(&root, document.dialect(), address.as_deref(), &mut lost, &mut context.diagnostics);
    context.schemes = choices.schemes.clone().unwrap_or(declared);
    let logins = auth::unite(&mut context.schemes);
    context.security = auth::Security::new(&context.schemes, choices.require.clone(), choices.inherit_empty);
    let mut sink = Sink::default();
    sink.count.webhooks = root.get("webhooks").map_or(0, |node| node.entries().count());
    let mut index = 0;
    for entry in listing::entries(document) {
        sink.count.operations += 1;
        match entry {
            Entry::Operation(listed) => {
                lower_listed(&listed, index, choices, &mut context, &mut sink);
                index += 1;
            }
            Entry::Broken { path, reason } => {
                sink.count.skipped += 1;
                sink.skips.push(Skip { method: None, path: path.to_owned(), reason: *reason });
            }
        }
    }
    let Sink { mut count, skips, operations } = sink;
    duplicates(&operations, &mut context.diagnostics);
    let groups = group(&root, operations);
    let (pool, found) = context.lifter.finish();
    context.diagnostics.extend(found);
    context.diagnostics.extend(document.budget.findings());
    let info = root.get("info");
    let info_text =
        |key: &str| info.as_ref().and_then(|info| info.text(key)).map(text::clean).unwrap_or_default();
    let mut diagnostics = context.diagnostics;
    let connector = Connector {
        title: text::one_line(&info_text("title")),
        description: info_text("description"),
        version: info_text("version"),
        servers,
        schemes: context.schemes,
        groups,
        pool,
        ..Connector::new(choices.name.clone())
    };
    auth::check(&connector, lost, logins, &mut diagnostics);
    context.private.check_endpoints(&root, &connector.schemes, &mut diagnostics);
    diagnostics.extend(auth::unused(&root, &connector));
    let security = context.security;
    count.undeclared = security.lacking();
    let is_required = security.has_heirs() && root.get("security").is_none();
    let has_empty = security.has_empty();
    diagnostics.extend(security.findings(&root));
    let steps = document.budget.taken();
    Lowered { connector, count, skips, diagnostics, steps, matched: context.matched, is_required, has_empty }
}

/// The operations that were lowered, and the reasons for leaving out other operations.
#[derive(Default)]
struct Sink {
    count: Count,
    skips: Vec<Skip>,
    operations: Vec<(WireName, Operation)>,
}

/// Lowers the candidate with that index, if the candidate was selected.
fn lower_listed<'d>(
    listed: &Listed<'d>,
    index: usize,
    choices: &Choices,
    context: &mut Context<'d>,
    sink: &mut Sink,
) {
    let Listed { path, item, method, node } = listed;
    let is_chosen = choices.chosen.as_ref().map_or(Some(true), |chosen| chosen.get(index).copied());
    sink.count.callbacks += node.get("callbacks").map_or(0, |callbacks| callbacks.entries().count());
    if is_chosen == Some(false) {
        sink.count.excluded += 1;
        return;
    }
    let mut skip = |reason| {
        sink.count.skipped += 1;
        sink.skips.push(Skip { method: Some(method.clone()), path: (*path).to_owned(), reason });
    };
    if is_chosen.is_none() || !context.document.budget.has_operations() {
        return skip(too_much(node));
    }
    let chosen = BodyChoices::new(choices, listed.candidate().keys());
    let start = context.diagnostics.len();
    match operation::lower(path, method, item, node, &chosen, context) {
        Ok(operation) => {
            sink.count.emitted += 1;
            sink.operations.push((first_tag(node), operation));
        }
        Err(reason) => skip(*reason),
    }
    context.forget_repeated(start);
}

/// Returns the reason to skip an operation if the budget of the document is exhausted.
fn too_much(node: &Node<'_>) -> Diagnostic {
    Diagnostic::warning(
        Code::SchemaLimit,
        node.place(),
        "the operations before this one used up the maximum number of steps for this document",
    )
    .so("the operation is left out")
    .help("choose fewer operations with `include` in connector.toml, or divide the document")
}

/// Reports operations with equal `operationId`s. All of them become tools, with names made from their routes.
fn duplicates(operations: &[(WireName, Operation)], diagnostics: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&WireName, &Operation> = BTreeMap::new();
    for (_, operation) in operations {
        let Some(id) = &operation.id else { continue };
        if let Some(earlier) = first.get(id) {
            diagnostics.push(
                Diagnostic::warning(
                    Code::DuplicateOperation,
                    operation.place.child("operationId"),
                    format!("`{id}` is already the operationId of {}", earlier.route()),
                )
                .so("both become tools, with names made from their routes")
                .help(
                    "give each operation its own operationId, or name the tools under [rename] in connector.toml",
                ),
            );
        } else {
            first.insert(id, operation);
        }
    }
}

/// Returns the group of an operation: its first tag. Operations without tags share a group.
fn first_tag(node: &Node<'_>) -> WireName {
    let tag = node.get("tags").and_then(|tags| tags.items().find_map(|tag| tag.value().as_str()));
    tag.filter(|tag| !tag.trim().is_empty()).unwrap_or(Group::UNTAGGED).into()
}

/// Operations by tag: groups sorted by name, operations in the order of the document.
fn group(root: &Node<'_>, operations: Vec<(WireName, Operation)>) -> Vec<Group> {
    let described: BTreeMap<&str, String> = root
        .get("tags")
        .iter()
        .flat_map(Node::items)
        .filter_map(|tag| Some((tag.text("name")?, text::clean(tag.text("description")?))))
        .collect();
    let mut groups: BTreeMap<WireName, Vec<Operation>> = BTreeMap::new();
    for (tag, operation) in operations {
        groups.entry(tag).or_default().push(operation);
    }
    groups
        .into_iter()
        .map(|(tag, operations)| {
            let description = described.get(tag.as_str()).cloned().unwrap_or_default();
            Group { tag, description, operations }
        })
        .collect()
}
