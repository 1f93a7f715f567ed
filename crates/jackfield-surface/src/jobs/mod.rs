//! Detects operations that start jobs, and how the status of each job is read (ADR 0054).
//!
//! A job needs evidence: a 202 response whose headers, links or body lead to the status of the job; an extension of
//! the document; or a response body that is a long-running operation object, with `name` and `done`.

mod readers;
#[cfg(test)]
mod tests;
mod values;

use jackfield_model::{Connector, Defs, Effect, Job, JobResult, Operation, Reply, Status, ToolName};

use crate::paging::replied::{Property, Replied};
use readers::{Read, Readers, is_operation};
use values::{LINK_WORDS, is_address, state_of};

/// Words in the names of properties that contain the URL of a job's status.
const STATUS_WORDS: [&str; 12] = [
    "status",
    "state",
    "operation",
    "job",
    "poll",
    "polling",
    "task",
    "progress",
    "monitor",
    "monitoring",
    "track",
    "tracking",
];
/// Words that may stand beside a status word in the name of such a property.
const OTHER_WORDS: [&str; 3] = ["get", "check", "query"];

/// Sets the job of every operation that starts a job. `names` are the names of the tools, in the order of the
/// operations.
pub(crate) fn recognise_jobs(connector: &mut Connector, names: &[ToolName]) {
    if !connector.operations().any(may_start_job) {
        return;
    }
    let received = std::mem::take(&mut connector.pool.receive);
    let readers = Readers::of(connector, names, &received);
    let jobs: Vec<Option<Job>> =
        connector.operations().map(|operation| recognise(operation, &readers, &received)).collect();
    for (operation, job) in connector.groups.iter_mut().flat_map(|group| &mut group.operations).zip(jobs) {
        operation.job = job;
    }
    connector.pool.receive = received;
}

/// Whether an operation may start a job. This check is cheap and excludes most operations.
fn may_start_job(operation: &Operation) -> bool {
    let stated = &operation.stated.job;
    let is_accepted = accepted(operation).is_some();
    stated.is_long_running
        || stated.has_header
        || is_accepted
        || operation.effect != Effect::Read && !operation.replies.is_empty()
}

/// Returns the 202 response, if the operation declares one.
fn accepted(operation: &Operation) -> Option<&Reply> {
    operation.replies.iter().find(|reply| reply.status == Status::Code(202))
}

fn recognise(operation: &Operation, readers: &Readers<'_>, received: &Defs) -> Option<Job> {
    if !may_start_job(operation) {
        return None;
    }
    let stated = &operation.stated.job;
    let body = accepted(operation).and_then(|reply| Replied::of(std::slice::from_ref(reply), received));
    let mut job = Job::default();
    if let Some(replied) = &body {
        job.address = status_address(replied).map(Property::pointer);
        job.state = job.address.is_some().then(|| state_of(replied)).flatten();
    }
    if let Some(reader) = by_link(operation, readers) {
        return Some(finished(job, Some(reader), stated.final_state.as_deref()));
    }
    let by_headers = stated.is_long_running || stated.has_header;
    if by_headers || job.address.is_some() {
        return Some(finished(job, None, stated.final_state.as_deref()));
    }
    if operation.effect == Effect::Read {
        return None;
    }
    let reader = match &body {
        Some(replied) => readers.by_body(operation, replied),
        None => None,
    };
    let reader = reader.or_else(|| {
        is_operation(&operation.replies, received).then(|| readers.of_operations(operation))?
    })?;
    Some(finished(job, Some(reader), None))
}

fn finished(job: Job, read: Option<Read>, final_state: Option<&str>) -> Job {
    let last = match final_state {
        Some("location") => JobResult::Location,
        Some("original-uri") => JobResult::Call,
        Some("azure-async-operation" | "operation-location") => JobResult::Status,
        _ => JobResult::Named,
    };
    match read {
        Some(Read { id, reader, state, result }) => {
            Job { id: Some((id, reader)), state: state.or(job.state), result, last, ..job }
        }
        None => Job { last, ..job },
    }
}

/// Finds the operation to which a Link Object of the 202 response passes a value of the response body.
fn by_link(operation: &Operation, readers: &Readers<'_>) -> Option<Read> {
    operation.stated.job.links.iter().find_map(|link| {
        let [(parameter, expression)] = link.parameters.as_slice() else { return None };
        let pointer = expression.strip_prefix("$response.body#")?;
        readers.by_link(operation, &link.operation, parameter, pointer)
    })
}

/// Returns the property of a response body that contains the URL of the job's status. If the body has a state, a
/// `self` link counts too, because the body is then the job's status.
fn status_address<'r, 's>(replied: &'r Replied<'s>) -> Option<&'r Property<'s>> {
    let has_state = state_of(replied).is_some();
    let is_status = |word: &str| STATUS_WORDS.contains(&word) || has_state && word == "self";
    replied.properties.iter().find(|property| {
        // `job.html_url` and `job.repository_url` lead elsewhere.
        let is_known =
            |word: &str| is_status(word) || LINK_WORDS.contains(&word) || OTHER_WORDS.contains(&word);
        is_address(property)
            && property.leaf.iter().all(|word| is_known(word))
            && (property.leaf.iter().any(|word| is_status(word))
                || property.before.last().is_some_and(|word| is_status(word)))
    })
}
