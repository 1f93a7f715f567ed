//! What the checks say about the lists of a published server: findings, differences from the accepted lists, and the review page.

use std::fs;
use std::path::PathBuf;

use jackfield_cli::published::{
    Gravity, ListFinding, OtherConnector, PublishedReview, Report, ReviewNote, ReviewVariable, ServerLists,
    StartOfServer, compare, lint, review_page,
};
use jackfield_registry::{Entry, Finding, NamedInput};
use jackfield_runtime::create_private_folder;
use serde_json::{Map, Value};

use super::description::publisher;
use super::examined::Examined;
use super::exposure::{Exposure, name_of};
use super::settings::Settings;
use super::way::{CheckedWay, Way};
use crate::config::ConnectorEntry;
use crate::failure::Failure;
use crate::gateway::OpenGateway;
use crate::remote::pinned::{FetchedLists, PinnedEntry};

/// Returns lists in the form that the checks read.
fn lists_of(lists: &FetchedLists) -> ServerLists<'_> {
    ServerLists {
        capabilities: Some(&lists.capabilities),
        tools: &lists.tools,
        prompts: &lists.prompts,
        resources: &lists.resources,
        templates: &lists.templates,
        ..ServerLists::default()
    }
}

/// Checks the lists of a server. `name` is the name of its own connector.
///
/// # Errors
/// Returns an error if the store cannot be read.
pub(super) fn findings(
    gateway: &OpenGateway,
    name: &str,
    examined: &Examined,
) -> Result<Vec<ListFinding>, Failure> {
    let mut others = Vec::new();
    for entry in gateway.config().connectors.iter().filter(|entry| entry.name.as_str() != name) {
        let Some(server) = gateway.pinned(entry).map_err(Failure::of)? else { continue };
        let tools = server.tools.iter().map(|tool| tool.name.clone()).collect();
        others.push(OtherConnector { name: entry.name.as_str().to_owned(), tools });
    }
    Ok(lint(&lists_of(&examined.lists), &others))
}

/// Compares the lists of a server with those that were accepted for its connector.
///
/// # Errors
/// Returns an error if the store cannot be read.
pub(super) fn differences(
    gateway: &OpenGateway,
    connector: &ConnectorEntry,
    examined: &Examined,
) -> Result<Report, Failure> {
    let known = gateway.pinned(connector).map_err(Failure::of)?.unwrap_or_default();
    let accepted = |entries: &[PinnedEntry]| -> Vec<Map<String, Value>> {
        entries.iter().filter_map(|entry| entry.accepted.clone()).collect()
    };
    let (tools, prompts) = (accepted(&known.tools), accepted(&known.prompts));
    let old = ServerLists {
        capabilities: Some(&known.capabilities),
        tools: &tools,
        prompts: &prompts,
        resources: &known.resources,
        templates: &known.templates,
        ..ServerLists::default()
    };
    Ok(compare(&old, &lists_of(&examined.lists), &|tool| connector.effects.of(tool)))
}

/// A published server as it would be added.
pub(super) struct Candidate<'c> {
    pub(super) connector: &'c str,
    pub(super) entry: &'c Entry,
    pub(super) way: &'c CheckedWay<'c>,
    pub(super) settings: &'c Settings,
    pub(super) examined: &'c Examined,
    pub(super) exposure: &'c Exposure,
    pub(super) findings: Vec<ListFinding>,
    /// The differences from the lists that were accepted before, and the version of these lists.
    pub(super) changes: Option<(Report, String)>,
}

impl Candidate<'_> {
    /// Writes the review page into the state of the gateway, and returns its path.
    ///
    /// # Errors
    /// Returns an error if the page cannot be written.
    pub(super) fn write_page(self, gateway: &OpenGateway) -> Result<PathBuf, Failure> {
        let folder = gateway.state().join("reviews");
        create_private_folder(&folder).map_err(Failure::of)?;
        let path = folder.join(format!("{}.html", self.connector));
        fs::write(&path, review_page(&self.review()))
            .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
        Ok(path)
    }

    fn review(&self) -> PublishedReview<'_> {
        let Self { connector, entry, way, settings, examined, exposure, .. } = self;
        let tools = examined.tools().iter().map(name_of);
        let chosen = tools.filter_map(|tool| Some((tool.to_owned(), exposure.chosen(tool)?))).collect();
        let record = examined.package.as_ref().map(|package| &package.record);
        let start = match record {
            Some(record) => {
                let words =
                    [std::slice::from_ref(&record.start.program), &record.start.arguments[..]].concat();
                // The page is the same on every machine, so paths are relative to the folder of the package.
                let words = words.iter().map(|word| word.replace("${tree}/", "")).collect();
                StartOfServer::Command([words, settings.arguments.clone()].concat())
            }
            None => StartOfServer::Address(settings.url.clone()),
        };
        let note = |text: &String| ReviewNote { gravity: Gravity::Note, text: text.clone() };
        PublishedReview {
            connector: (*connector).to_owned(),
            name: entry.name.to_string(),
            version: entry.version.to_string(),
            title: entry.title.clone().unwrap_or_default(),
            description: entry.description.clone(),
            publisher: publisher(entry.name.namespace()),
            kind: match way.way {
                Way::Package(package) => format!("{} package {}", package.kind, package.identifier),
                Way::Remote(_) => "server at a URL".to_owned(),
            },
            start,
            digest: record.map(|record| record.digest.clone()),
            published: entry.official.published_at.clone().unwrap_or_default(),
            status: entry.official.status.to_string(),
            hosts: jackfield_recipe::origin_of(&settings.url).into_iter().collect(),
            variables: self.variables(),
            facts: Vec::new(),
            entry_findings: way.findings.iter().map(noted).collect(),
            observations: examined.observations.iter().map(note).collect(),
            list_findings: self.findings.clone(),
            lists: lists_of(&examined.lists),
            effects: chosen,
            changes: self.changes.clone(),
        }
    }

    fn variables(&self) -> Vec<ReviewVariable> {
        let inputs: &[NamedInput] = match self.way.way {
            Way::Package(package) => &package.environment,
            Way::Remote(remote) => &remote.transport.headers,
        };
        let value = |name: &str| {
            self.settings.variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone())
        };
        let variable = |input: &NamedInput| ReviewVariable {
            name: input.name.clone(),
            description: input.input.description.clone().unwrap_or_default(),
            is_secret: input.input.has_secret(),
            is_required: input.input.is_required,
            value: value(&input.name),
        };
        inputs.iter().map(variable).collect()
    }
}

/// Returns a finding about the entry of the registry as a note of the page.
fn noted(finding: &Finding) -> ReviewNote {
    let gravity = if finding.is_refused() { Gravity::Danger } else { Gravity::Warning };
    ReviewNote { gravity, text: format!("{}; {}", finding.problem, finding.remedy) }
}
