//! Compares pagination, and the way in which the status of a job is read.

use jackfield_model::{Job, JobReader, JobResult, Paging};

use crate::change::Change;
use crate::{Class, Kind};

/// A fact that can change: a description, and the values before and after.
type Part = (&'static str, [Option<String>; 2]);

/// Compares the pagination of an operation.
pub(crate) fn compare_pages(old: Option<&Paging>, new: Option<&Paging>, found: &mut Vec<Change>) {
    let parts = match (old, new) {
        (Some(old), Some(new)) if old.style == new.style => pages(old, new),
        _ => {
            let style = |paging: Option<&Paging>| paging.map(|paging| paging.style.as_str().to_owned());
            vec![("pagination", [style(old), style(new)])]
        }
    };
    add(Kind::Paging, parts, found);
}

/// Compares the way in which the status of a job is read.
pub(crate) fn compare_jobs(old: Option<&Job>, new: Option<&Job>, found: &mut Vec<Change>) {
    let parts = match (old, new) {
        (Some(old), Some(new)) if old.style() == new.style() => jobs(old, new),
        _ => {
            let style = |job: Option<&Job>| job.map(|job| job.style().to_owned());
            vec![("job: status is found by", [style(old), style(new)])]
        }
    };
    add(Kind::Job, parts, found);
}

fn add(kind: Kind, parts: Vec<Part>, found: &mut Vec<Change>) {
    let changed = parts.into_iter().filter(|(_, [before, after])| before != after);
    found.extend(changed.map(|(words, [before, after])| {
        Change::value(Class::Behaviour, kind, words, before.as_deref(), after.as_deref())
    }));
}

fn pages(old: &Paging, new: &Paging) -> Vec<Part> {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let parts = |paging: &Paging| {
        let Paging { style: _, position, first, in_address, size, next, items, total, pages, more, last } =
            paging.clone();
        let in_address: Vec<String> =
            in_address.iter().map(|(wire, argument)| format!("{wire} = {argument}")).collect();
        [
            ("pagination: argument that selects the page", position.map(|it| it.to_string())),
            ("pagination: position of the first page", Some(first.to_string())),
            (
                "pagination: query parameters of the next page's URL, and the arguments that take them",
                listed(&in_address),
            ),
            ("pagination: argument that sets the page size", size.map(|it| it.to_string())),
            ("pagination: pointer to the cursor or URL of the next page", next),
            (
                "pagination: pointer to the items",
                items.map(|it| if it.is_empty() { "the whole reply".to_owned() } else { it }),
            ),
            ("pagination: pointer to the number of items", total),
            ("pagination: pointer to the number of pages", pages),
            ("pagination: pointer to the flag for more pages", more),
            ("pagination: pointer to the flag for the last page", last),
        ]
    };
    paired(parts(old), parts(new))
}

fn jobs(old: &Job, new: &Job) -> Vec<Part> {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let parts = |job: &Job| {
        let Job { header, address, id, state, done, failed, result, error, last } = job.clone();
        let (id, reader) = id.unzip();
        let last = match last {
            JobResult::Named => "at the URL in the status or the first reply",
            JobResult::Location => "at the URL in the Location header of the first reply",
            JobResult::Call => "at the URL of the call",
            JobResult::Status => "in the last status",
        };
        [
            ("job: header with the URL of the status", header.map(|it| it.to_string())),
            ("job: pointer to the URL of the status", address),
            ("job: pointer to the identifier", id),
            (
                "job: tool that reads the status",
                reader.map(|JobReader { tool, argument }| format!("{tool} with {argument}")),
            ),
            ("job: pointer to the state", state),
            ("job: states of a completed job", listed(&done)),
            ("job: states of a failed job", listed(&failed)),
            ("job: pointer to the result", result),
            ("job: pointer to the error", error),
            ("job: result is", Some(last.to_owned())),
        ]
    };
    paired(parts(old), parts(new))
}

fn listed(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(", "))
}

fn paired<const N: usize>(
    old: [(&'static str, Option<String>); N],
    new: [(&'static str, Option<String>); N],
) -> Vec<Part> {
    old.into_iter().zip(new).map(|((words, before), (_, after))| (words, [before, after])).collect()
}
