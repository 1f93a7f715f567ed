//! Runs the pipeline over every document of a folder, on two threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jackfield_build::model::{Connector, Input, Operation, Schema, Step};
use jackfield_build::{Job, Manifest, Modelled, Wording, model_of, o200k};
use jackfield_cli::inspect::inspect;
use jackfield_runtime::{Api, Environment, Service, SurfaceKind, listing};
use serde_json::Value;

use super::document::{Argument, Document, Tool};
use super::source;
use crate::corpus::documents::{self, Which};
use crate::failure::Failure;

const THREADS: usize = 2;
/// The stack size of a thread. Documents can be nested as deeply as the parser allows.
const STACK: usize = 64 << 20;
/// The maximum number of references that are followed to find the description of a schema.
const LONGEST_CHAIN: usize = 8;

/// Reads every document below a folder, sorted by path.
pub(super) fn all(folder: &Path) -> Result<Vec<Document>, Failure> {
    let listed = documents::below(folder, Which::Documents)?;
    if listed.is_empty() {
        return Err(Failure::new(format!("{} contains no documents", folder.display())));
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(listed.len()));
    let work = || {
        while let Some((at, path)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, &listed.get(at)?.path)))
        {
            let document = catch_unwind(AssertUnwindSafe(|| of(folder, path)))
                .unwrap_or_else(|_| Err(Failure::new("the pipeline panicked")));
            let document = document
                .unwrap_or_else(|error| Document { error: Some(error.to_string()), ..Document::default() });
            let document = Document { path: path.clone(), ..document };
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, document));
        }
    };
    std::thread::scope(|scope| {
        let start = || std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let threads: Result<Vec<_>, _> = (0..THREADS).map(|_| start()).collect();
        threads.map(drop)
    })
    .map_err(Failure::while_("starting a thread"))?;
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, document)| document).collect())
}

fn of(folder: &Path, path: &str) -> Result<Document, Failure> {
    let model = |wording| {
        let manifest = Manifest::for_document(&folder.join(path), None).worded(Some(wording));
        model_of(&Job::new(manifest))
    };
    let (lean, full) = (model(Wording::Lean)?, model(Wording::Full)?);
    let tools = tools(&lean, &full.connector);
    let document = lean.report.document();
    let (has_version, keys) = (source::has_version(document), source::keys(document));
    let first_request = first_request(model(Wording::Lean)?)?.max(first_request(full)?);
    let inspection = inspect(lean).map_err(|failure| Failure::new(format!("{failure:?}")))?;
    Ok(Document { tools, has_version, keys, tokens: inspection.tokens, first_request, ..Document::default() })
}

/// Returns the number of tokens that a model reads first: the instructions and the list of the search surface.
fn first_request(modelled: Modelled) -> Result<usize, Failure> {
    let rows = jackfield_cli::preview::connector(modelled);
    let service = Service::new(Api::new(rows, Environment::of([] as [(&str, &str); 0])), Vec::new());
    let service = service.map_err(|taken| Failure::new(taken.to_string()))?;
    let service = service.with_surface(SurfaceKind::Search, None);
    let list: Vec<String> = listing(&service).collect();
    Ok(o200k().count(&format!("{}\n[{}]", service.instructions(), list.join(","))))
}

fn tools(lean: &Modelled, full: &Connector) -> Vec<Tool> {
    let mut declared = source::operations(lean.report.document());
    let in_full: BTreeMap<String, &Operation> = full.operations().map(|it| (it.route(), it)).collect();
    let surface = lean.surface();
    let tool = |(name, operation): (String, &Operation)| {
        let key = (operation.method.to_string(), operation.stated.path.clone());
        let source = declared.remove(&key).unwrap_or_default();
        let whole = in_full.get(&operation.route());
        let argument = |arg: &jackfield_build::model::Arg| {
            let same = whole.and_then(|whole| whole.args.iter().find(|other| other.name == arg.name));
            Argument {
                name: arg.name.to_string(),
                required: arg.required,
                text: text(&arg.schema, &lean.connector),
                documented: same.map(|same| text(&same.schema, full)).unwrap_or_default(),
                wire: wire(operation, arg.name.as_str()),
            }
        };
        Tool {
            name,
            title: if operation.title_is_said { String::new() } else { operation.title.clone() },
            description: operation.description.clone(),
            effect: operation.effect,
            because: operation.because.clone(),
            arguments: operation.args.iter().map(argument).collect(),
            method: key.0,
            path: key.1,
            id: operation.id.as_ref().map_or_else(String::new, ToString::to_string),
            summary: source.summary,
            text: source.description,
            parameters: source.parameters,
        }
    };
    surface.tools().map(|named| (named.name.to_string(), named.operation)).map(tool).collect()
}

/// Returns the description of a schema, or of the schema to which it refers.
fn text(schema: &Schema, connector: &Connector) -> String {
    let mut value = schema.as_value();
    for _ in 0..LONGEST_CHAIN {
        if let Some(text) = value.get("description").and_then(Value::as_str) {
            return text.to_owned();
        }
        let first = value.get("allOf").and_then(|all| all.get(0)).unwrap_or(value);
        let target = first.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
        match target.and_then(|target| connector.pool.send.get(target)) {
            Some(next) => value = next.as_value(),
            None => break,
        }
    }
    String::new()
}

/// Returns the location of an argument that is a header or a query parameter, and its name in the request.
fn wire(operation: &Operation, name: &str) -> Option<(&'static str, String)> {
    let is_it = |input: &Input| matches!(input, Input::Arg { arg, .. } if arg == name);
    operation.recipe.iter().find_map(|step| match step {
        Step::Header { wire, input, .. } if is_it(input) => Some(("header", wire.to_lowercase())),
        Step::Query { wire, input, .. } if is_it(input) => Some(("query", wire.clone())),
        _ => None,
    })
}
