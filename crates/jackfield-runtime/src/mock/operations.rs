//! Creates the operations of a mock from the tables of a connector.

use std::collections::BTreeSet;

use jackfield_mock::{JOB, Mock, Operation, Paging, Replies};
use jackfield_recipe::{Location, PageStyle};
use serde_json::Value;

use super::row_schemas::RowSchemas;
use crate::call::held_rows::ConnectorRows;
use crate::call::record::steps;
use crate::call::rows::{self, Connector, SchemeKind, Tool};
use crate::reply::job::USUAL_STATES;

/// The state of every job, unless connector.toml names another completed state.
const DONE: &str = "succeeded";

/// Creates a mock of the service. An operation without a reply in `replies` gets a reply from its output schema.
pub(crate) fn mock_of(rows: &ConnectorRows, replies: Replies) -> Mock {
    let connector = rows.get();
    let servers = connector.servers.iter().chain(connector.tools().filter_map(|tool| tool.server.as_ref()));
    let servers: Vec<&str> = servers.map(|server| server.url).collect();
    let ignored = ignored(connector);
    let jobs: Vec<rows::Job<'_>> = connector.tools().filter_map(|tool| tool.job).collect();
    let operation = |tool: &Tool<'_>| operation(tool, &ignored, &jobs);
    let operations = connector.tools().map(operation).collect();
    Mock::new(operations, replies, RowSchemas(rows.clone())).below(servers)
}

/// Returns the names of query parameters that the mock ignores, because they are credentials or settings.
fn ignored(connector: &Connector<'_>) -> BTreeSet<String> {
    let keys = connector.schemes.iter().filter_map(|scheme| match scheme.kind {
        SchemeKind::ApiKey { location: Location::Query, wire } => Some(wire),
        _ => None,
    });
    let settings = connector.settings.iter().filter(|setting| setting.location == Location::Query);
    keys.chain(settings.map(|setting| setting.wire)).map(str::to_owned).collect()
}

fn operation(tool: &Tool<'_>, ignored: &BTreeSet<String>, jobs: &[rows::Job<'_>]) -> Operation {
    let mut operation = Operation {
        tool: tool.name.to_owned(),
        method: tool.method.to_owned(),
        path: tool.path.to_owned(),
        steps: steps(tool),
        ignored: ignored.clone(),
        paging: tool.paging.as_ref().map(paging),
        ..Operation::default()
    };
    if let Some(job) = &tool.job {
        start_job(&mut operation, job);
    }
    let is_reader = |job: &&rows::Job<'_>| job.id.is_some_and(|id| id.tool == tool.name);
    if let Some(job) = jobs.iter().find(is_reader) {
        end_job(&mut operation, job);
    }
    operation
}

fn paging(row: &rows::Paging<'_>) -> Paging {
    let place = |place: Option<&str>| place.map(str::to_owned);
    let is_counted = matches!(row.style, PageStyle::Page | PageStyle::Offset);
    Paging {
        position: row.position.to_owned(),
        first: is_counted.then_some(row.first),
        items: place(row.items),
        next: (row.style != PageStyle::LastItem && !row.next.is_empty()).then(|| row.next.to_owned()),
        more: place(row.more),
        last: place(row.last),
        totals: [row.total, row.pages].into_iter().flatten().map(str::to_owned).collect(),
        is_address: matches!(row.style, PageStyle::Address | PageStyle::Link),
    }
}

/// Adds the state or the status URL of the job to the reply of the operation that starts it.
fn start_job(operation: &mut Operation, job: &rows::Job<'_>) {
    let status = format!("{JOB}/{}", operation.tool);
    if let Some(place) = job.address {
        operation.set.push((place.to_owned(), status.clone().into()));
    }
    if !job.header.is_empty() {
        operation.headers.push((job.header.to_owned(), status));
    }
    end_job(operation, job);
}

/// Sets the state in the status reply of the job to completed.
fn end_job(operation: &mut Operation, job: &rows::Job<'_>) {
    let done: Value = job.done.first().copied().unwrap_or(DONE).into();
    match job.state {
        Some(place) => operation.set.push((place.to_owned(), done)),
        None => operation.replace.extend(USUAL_STATES.map(|place| (place.to_owned(), done.clone()))),
    }
    // The URL of the result leads to the mock, never to another server.
    if let Some(place) = job.result {
        operation.replace.push((place.to_owned(), format!("{JOB}/{}", operation.tool).into()));
    }
}
