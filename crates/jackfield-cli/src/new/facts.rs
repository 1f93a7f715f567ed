//! The facts that questions show: the tools that result from the decisions so far, with their effects and tokens.

use std::path::PathBuf;

use jackfield_build::model::{Effect, SurfaceKind};
use jackfield_build::{Job, Modelled, Selector, SelectorFacts, model_of};
use jackfield_runtime::{Environment, Service};
use serde_json::{Map, Value};

use super::groups::{OperationGroup, groups};
use crate::inspect::{Authentication, Inspection, inspect_listed};
use crate::progress::Progress;
use crate::{Failure, example, paint};

/// The tools of a document, given some decisions.
pub(super) struct Facts {
    /// The default name of the connector.
    pub(super) name: String,
    pub(super) title: String,
    /// The number of operations in the document.
    pub(super) operations: usize,
    pub(super) inspection: Inspection,
    pub(super) groups: Vec<OperationGroup>,
    /// Method, path and tags of each operation.
    addresses: Vec<(String, String, Vec<String>)>,
    /// The names of all declared security schemes.
    pub(super) declared: Vec<String>,
    /// A tool and one of its optional arguments, which an example line uses.
    pub(super) optional: Option<(String, String)>,
    /// The security schemes that tools need, each with its first credential field.
    pub(super) credentials: Vec<(String, &'static str)>,
    /// The files that were read.
    pub(super) read: Vec<PathBuf>,
}

impl Facts {
    /// Reads the document with the given lines of connector.toml.
    ///
    /// # Errors
    /// Returns an error if the document is invalid, or a line matches nothing.
    pub(super) fn of(job: &Job, lines: &str) -> Result<Self, Failure> {
        let mut job = job.clone().telling_added_origins();
        job.manifest = job.manifest.with_text(lines)?;
        let modelled = Progress::during(job, model_of)?;
        let groups = groups(&modelled);
        let addresses = modelled.connector.operations().map(|operation| {
            (operation.method.as_str().to_owned(), operation.path.clone(), operation.stated.tags.clone())
        });
        let addresses = addresses.collect();
        let declared = modelled.declared_schemes();
        let optional = modelled.surface().tools().find_map(|tool| {
            let argument = tool.operation.args.iter().find(|argument| !argument.required)?;
            Some((tool.name.to_string(), argument.name.to_string()))
        });
        let schemes = modelled.connector.schemes.iter();
        let credentials = schemes
            .filter_map(|scheme| Some((scheme.name.to_string(), scheme.kind.fields().first()?.as_str())));
        let credentials = credentials.collect();
        let (read, operations) = (modelled.report.read.clone(), modelled.report.count.operations);
        let (name, title) = (modelled.connector.name.to_string(), modelled.connector.title.clone());
        let (inspection, _) = inspect_listed(modelled, Environment::of::<String, String>([]), |_| {})?;
        Ok(Self {
            name,
            title,
            operations,
            inspection,
            groups,
            addresses,
            declared,
            optional,
            credentials,
            read,
        })
    }

    /// Returns whether a selector by route, path or tag matches an operation.
    pub(super) fn has_operation(&self, selector: &str) -> bool {
        let Ok(selector) = Selector::parse(selector) else { return false };
        self.addresses.iter().any(|(method, path, tags)| {
            let tags = tags.iter().map(String::as_str).collect();
            selector.matches(&SelectorFacts {
                method,
                path,
                id: None,
                tags,
                tool: None,
                merged: None,
                effect: None,
                is_hidden: false,
            })
        })
    }

    /// Returns the names of the tools with this effect.
    pub(super) fn tools_that(&self, effect: Effect) -> Vec<&str> {
        let tools = self.inspection.tools.iter().filter(|tool| tool.effect == effect.as_str());
        tools.map(|tool| tool.name.as_str()).collect()
    }

    pub(super) fn count(&self, effect: Effect) -> usize {
        self.tools_that(effect).len()
    }

    /// Returns the number of tokens of the tools of a group.
    pub(super) fn tokens_of(&self, group: &OperationGroup) -> usize {
        let tools = self.inspection.tools.iter().filter(|tool| group.routes.contains(&tool.route));
        tools.map(|tool| tool.tokens).sum()
    }

    /// Returns whether at least one tool needs a credential.
    pub(super) fn needs_credentials(&self) -> bool {
        !self.inspection.authentication.schemes.is_empty()
    }

    /// Returns the surface of the connector, if it is not the default. If the list is long, clients get a search.
    pub(super) const fn surface(&self) -> Option<SurfaceKind> {
        if self.inspection.tokens > SurfaceKind::SHORT_LIST { Some(SurfaceKind::Auto) } else { None }
    }
}

/// A tool with example arguments.
pub(super) type ExampleCall = (String, Map<String, Value>);

/// Returns an example call with which a person can try the connector, and the credentials with their variables. The call uses the tool with
/// the fewest required arguments that accepts its example. Tools that read come first. The call is None if no tool accepts its example.
pub(super) fn first_call(modelled: Modelled) -> Result<(Option<ExampleCall>, Authentication), Failure> {
    let mut examples = Vec::new();
    let nothing = Environment::of::<String, String>([]);
    let (inspection, service) = inspect_listed(modelled, nothing, |text| {
        let listed: Value = serde_json::from_str(text).unwrap_or_default();
        examples.push(example::arguments(&listed["inputSchema"]));
    })?;
    let tools = inspection.tools.iter().zip(examples);
    let mut calls: Vec<_> =
        tools.map(|(tool, example)| ((tool.effect != "read", tool.required), &tool.name, example)).collect();
    calls.sort_by_key(|(rank, ..)| *rank);
    for (_, name, arguments) in calls.into_iter().take(TRIED) {
        if is_accepted(&service, name, arguments.clone())? {
            return Ok((Some((name.clone(), arguments)), inspection.authentication));
        }
    }
    Ok((None, inspection.authentication))
}

/// The maximum number of examples that are tried.
const TRIED: usize = 20;

fn is_accepted(service: &Service, name: &str, arguments: Map<String, Value>) -> Result<bool, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the async runtime: {error}")))?;
    let Some(handle) = service.tool(name) else { return Ok(false) };
    Ok(runtime.block_on(service.api().explain(handle, arguments)).is_ok())
}

/// Returns the message for an invalid answer, with the remedy.
pub(super) fn problem_of(failure: &Failure) -> String {
    match failure {
        Failure::Build(error) => {
            let texts = error.findings().iter().map(|shown| {
                let (problem, help) = (shown.problem(), &shown.diagnostic.remedy);
                if help.is_empty() { problem } else { format!("{problem}: {help}") }
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        Failure::Other(text) => text.clone(),
    }
}

/// Prints the findings about the connector, and the origins that it can reach.
pub(super) fn print_findings(modelled: &Modelled, each: bool) {
    paint::findings(&modelled.report, each);
    paint::origins(&jackfield_build::model::Destinations::of(&modelled.connector).reasons(), &[]);
}
