//! Document -> model: one operation after the other, none at the cost of another.

mod accept;
mod auth;
pub(crate) mod body;
mod carried;
mod field;
mod fixed;
pub(crate) mod media;
mod names;
mod operation;
mod param;
mod part;
mod path;
mod private;
pub(crate) mod range;
mod reply;
mod schema;
mod server;
pub(crate) mod text;
pub(crate) mod wording;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{
    Code, Connector, ConnectorName, Count, Diagnostic, Group, Method, Operation, Place, Requirement, Scheme,
    Server, Skip, WireName,
};
use serde_json::Value;

use crate::dialect::Dialect;
use crate::document::{Document, Node};
pub use auth::endpoint;
use schema::Lifter;

/// The keys of a path item that are methods.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What the user chose before anything was lowered.
pub struct Choices<'c> {
    /// The connector's name.
    pub name: ConnectorName,
    /// Whether an operation is wanted.
    pub select: &'c dyn Fn(&Candidate<'_>) -> bool,
    /// Which of the media types that an operation offers for its body is preferred, where one is.
    pub media: &'c dyn Fn(&Candidate<'_>, &[&str]) -> Option<String>,
    /// How objects in the fields of an operation's form are written. Asked where its body is a form, and nowhere else.
    pub form_objects: &'c dyn Fn(&Candidate<'_>) -> FormObjects,
    /// Where the document is published, where that is known: relative addresses begin there.
    pub document_url: Option<&'c str>,
    /// Where requests go, where it is not the document that says so.
    pub server: Option<&'c str>,
    /// Origins that the user names: they may be as private as they are.
    pub named: &'c BTreeSet<String>,
    /// Adds to the schemes that the document declares, before anything refers to one.
    pub schemes: &'c dyn Fn(&mut Vec<Scheme>),
    /// What operations need of which the document does not say it.
    pub require: &'c [Requirement],
    /// Whether operations whose own `security` is empty inherit what the document requires.
    pub inherit_empty: bool,
}

impl Choices<'_> {
    /// Everything that the document has, as the document has it.
    pub fn everything(name: ConnectorName) -> Self {
        Self {
            name,
            select: &|_| true,
            media: &|_, _| None,
            form_objects: &|_| FormObjects::Brackets,
            document_url: None,
            server: None,
            named: const { &BTreeSet::new() },
            schemes: &|_| {},
            require: &[],
            inherit_empty: false,
        }
    }
}

/// How an object in a field of a form is written, where the document does not say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormObjects {
    /// `address[street]=x`, which is what services read.
    #[default]
    Brackets,
    /// `address={"street":"x"}`, escaped: the default of the standard.
    Json,
}

/// An operation before it is looked into.
#[derive(Clone, Debug)]
pub struct Candidate<'d> {
    /// Upper case.
    pub method: &'d str,
    /// The path template, as routes are spelled.
    pub path: String,
    /// `operationId`, where there is one.
    pub id: Option<&'d str>,
    /// Its tags.
    pub tags: Vec<&'d str>,
}

/// The model, and what was found on the way to it.
pub struct Lowered {
    /// The model.
    pub connector: Connector,
    /// What became of the operations.
    pub count: Count,
    /// The operations that were left out.
    pub skips: Vec<Skip>,
    /// Everything else that was found, in the order of finding.
    pub diagnostics: Vec<Diagnostic>,
    /// The steps that this took, of which there are but so many for each byte of the document.
    pub steps: usize,
    /// Whether an operation left it to [`Choices::require`] what it needs.
    pub is_required: bool,
    /// Whether an operation has an empty `security` of its own.
    pub has_empty: bool,
}

/// What every part of the lowering needs.
pub(crate) struct Context<'d> {
    pub(crate) document: &'d Document,
    pub(crate) dialect: Dialect,
    /// Where the document is published.
    pub(crate) origin: Option<String>,
    /// How private addresses may be.
    pub(crate) private: private::Private,
    pub(crate) lifter: Lifter<'d>,
    pub(crate) schemes: Vec<Scheme>,
    /// The requirements of operations.
    pub(crate) security: auth::Security,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The findings so far: what many operations refer to is found once.
    known: BTreeSet<(Code, Option<Place>, String)>,
}

impl Context<'_> {
    /// Takes out the findings from there on that were found before.
    fn forget_repeated(&mut self, start: usize) {
        for finding in self.diagnostics.split_off(start) {
            let key = (finding.code, finding.place.clone(), finding.problem.clone());
            if self.known.insert(key) {
                self.diagnostics.push(finding);
            }
        }
    }
}

/// Lowers the whole document.
pub fn lower(document: &Document, choices: &Choices<'_>) -> Lowered {
    let root = document.root();
    let dialect = document.dialect();
    let mut context = Context {
        document,
        dialect,
        // From 3.2 on a document may say so itself.
        origin: choices
            .document_url
            .or_else(|| root.text("$self").filter(|it| it.contains("://")))
            .map(str::to_owned),
        private: private::Private::default(),
        lifter: Lifter::new(document, dialect),
        schemes: Vec::new(),
        security: auth::Security::default(),
        diagnostics: document.findings().to_vec(),
        known: BTreeSet::new(),
    };
    document.budget.reset();
    let servers = server::servers(&root, dialect, context.origin.as_deref(), &mut context.diagnostics);
    context.private = private::Private::new(choices, &servers);
    context.private.check_root(&root, &mut context.diagnostics);
    let base = choices.server.map(str::to_owned).or_else(|| servers.first().map(Server::address));
    let base = base.filter(|base| auth::endpoint(base).is_ok()).or_else(|| context.origin.clone());
    let mut lost = Vec::new();
    context.schemes = auth::schemes(&root, dialect, base.as_deref(), &mut lost, &mut context.diagnostics);
    (choices.schemes)(&mut context.schemes);
    let logins = auth::unite(&mut context.schemes);
    context.security = auth::Security::new(&context.schemes, choices.require.to_vec(), choices.inherit_empty);
    let mut count =
        Count { webhooks: root.get("webhooks").map_or(0, |node| node.entries().count()), ..Count::default() };
    let mut skips = Vec::new();
    let mut operations = Vec::new();
    for (path, item) in root.get("paths").iter().flat_map(Node::entries) {
        // A path with nothing below it has no operations; YAML makes null of that.
        if path.starts_with("x-") || item.value().is_null() {
            continue;
        }
        lower_item(
            path,
            &item,
            choices,
            &mut context,
            &mut Sink { count: &mut count, skips: &mut skips, operations: &mut operations },
        );
    }
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
        name: choices.name.clone(),
        title: text::one_line(&info_text("title")),
        description: info_text("description"),
        servers,
        schemes: context.schemes,
        headers: Vec::new(),
        origins: Vec::new(),
        accepted: Vec::new(),
        named: Vec::new(),
        authorities: Vec::new(),
        groups,
        pool,
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
    Lowered { connector, count, skips, diagnostics, steps, is_required, has_empty }
}

/// Where operations go, wanted or not.
struct Sink<'s> {
    count: &'s mut Count,
    skips: &'s mut Vec<Skip>,
    operations: &'s mut Vec<(WireName, Operation)>,
}

fn lower_item<'d>(
    path: &'d str,
    item: &Node<'d>,
    choices: &Choices<'_>,
    context: &mut Context<'d>,
    sink: &mut Sink<'_>,
) {
    let resolved = item
        .resolve()
        .map_err(|dangling| Box::new(dangling.warn("the operations of this path are left out")));
    let resolved = resolved.and_then(|node| {
        if node.as_object().is_some() { Ok(node) } else { Err(Box::new(malformed_item(&node))) }
    });
    let item = match resolved {
        Ok(item) => item,
        Err(reason) => {
            sink.count.operations += 1;
            sink.count.skipped += 1;
            sink.skips.push(Skip { method: None, path: path.to_owned(), reason: *reason });
            return;
        }
    };
    for (method, node) in methods(&item, context.dialect) {
        sink.count.operations += 1;
        sink.count.callbacks += node.get("callbacks").map_or(0, |callbacks| callbacks.entries().count());
        if !(choices.select)(&candidate(&method, path, &node)) {
            sink.count.excluded += 1;
            continue;
        }
        if !context.document.budget.has_operations() {
            sink.count.skipped += 1;
            sink.skips.push(Skip { method: Some(method), path: path.to_owned(), reason: too_much(&node) });
            continue;
        }
        let candidate = candidate(&method, path, &node);
        let start = context.diagnostics.len();
        let prefer = |types: &[&str]| (choices.media)(&candidate, types);
        let form_objects = || (choices.form_objects)(&candidate);
        let chosen = body::BodyChoices { media: &prefer, form_objects: &form_objects };
        match operation::lower(path, &method, &item, &node, &chosen, context) {
            Ok(operation) => {
                sink.count.emitted += 1;
                sink.operations.push((first_tag(&node), operation));
            }
            Err(reason) => {
                sink.count.skipped += 1;
                sink.skips.push(Skip { method: Some(method), path: path.to_owned(), reason: *reason });
            }
        }
        context.forget_repeated(start);
    }
}

/// The methods of a path item, in the order of the document.
fn methods<'d>(item: &Node<'d>, dialect: Dialect) -> Vec<(Method, Node<'d>)> {
    let mut found = Vec::new();
    for (key, node) in item.entries() {
        if METHODS.contains(&key) || (dialect == Dialect::V32 && key == "query") {
            found.extend(Method::new(key).ok().map(|method| (method.to_uppercase(), node)));
        } else if dialect == Dialect::V32 && key == "additionalOperations" {
            let more: Vec<_> =
                node.entries().filter_map(|(key, node)| Some((Method::new(key).ok()?, node))).collect();
            found.extend(more);
        }
    }
    found
}

fn candidate<'c>(method: &'c Method, path: &'c str, node: &Node<'c>) -> Candidate<'c> {
    let tags =
        node.value().get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    Candidate {
        method: method.as_str(),
        path: path::normalize(path),
        id: node.text("operationId"),
        tags: tags.collect(),
    }
}

/// Why an operation is left out that nothing is left for.
fn too_much(node: &Node<'_>) -> Diagnostic {
    Diagnostic::warning(
        Code::SchemaLimit,
        node.place(),
        "the operations before this one refer to the same things so often that nothing is left for it",
    )
    .so("the operation is left out")
    .help("choose fewer operations with `include` in connector.toml, or divide the document")
}

fn malformed_item(node: &Node<'_>) -> Diagnostic {
    Diagnostic::warning(
        Code::MalformedPathItem,
        node.place(),
        format!("a path item is a mapping of methods, and this is {}", node.kind()),
    )
    .so("the operations of this path are left out")
    .help("write the methods below the path, or remove it")
}

/// Says which operations share an `operationId`: both become tools, told apart by their routes.
fn duplicates(operations: &[(WireName, Operation)], diagnostics: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&WireName, &Operation> = BTreeMap::new();
    for (_, operation) in operations {
        let Some(id) = &operation.id else { continue };
        if let Some(earlier) = first.get(id) {
            diagnostics.push(
                Diagnostic::warning(
                    Code::DuplicateOperation,
                    operation.place.child("operationId"),
                    format!("`{id}` is the operationId of {} already", earlier.route()),
                )
                .so("both become tools, told apart by digits that their routes make")
                .help(
                    "give each an operationId of its own, or name the tools under [rename] in connector.toml",
                ),
            );
        } else {
            first.insert(id, operation);
        }
    }
}

/// The group that an operation belongs to. Untagged ones share a group.
fn first_tag(node: &Node<'_>) -> WireName {
    let tag = node.get("tags").and_then(|tags| tags.items().find_map(|tag| tag.value().as_str()));
    wire(tag.filter(|tag| !tag.trim().is_empty()).unwrap_or(Group::UNTAGGED))
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

pub(crate) fn wire(text: &str) -> WireName {
    WireName::new(text).expect("any text is a wire name")
}
