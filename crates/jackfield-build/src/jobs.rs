//! Applies `[jobs]` of connector.toml to tools.

use std::collections::BTreeSet;

use jackfield_model::text::toml_key;
use jackfield_model::{ArgName, Connector, Diagnostic, Effect, Job, JobReader, ToolName};
use jackfield_surface::{ChosenName, Table};

use crate::manifest::{JobChoice, Manifest, Refusal, Span};
use crate::named_tools::NamedTools;
use crate::unmatched::unknown_tool;

/// Sets how the jobs of tools are followed. Returns findings about two mistakes: a table that changes nothing, and a value of `read` that
/// names no tool for reading a status.
pub(crate) fn apply(tools: &mut NamedTools<'_>) -> Vec<Diagnostic> {
    let jobs = &tools.manifest.jobs;
    if jobs.is_empty() {
        return Vec::new();
    }
    let resolved = tools.resolve(Table::Jobs, jobs);
    let NamedTools { manifest, connector, names, .. } = tools;
    let mut errors = Vec::new();
    for (rule, (key, span, choice)) in jobs.iter().enumerate() {
        let mut chosen: BTreeSet<usize> = resolved.tools(rule).collect();
        if chosen.is_empty() {
            continue;
        }
        let reader = match reader(manifest, connector, names, key, choice) {
            Ok(reader) => reader,
            Err(error) => {
                errors.push(*error);
                continue;
            }
        };
        // A key that matches several tools may also match the tool that reads the status, which does not start a job.
        if chosen.len() > 1
            && let Some(reader) = &reader
        {
            chosen.retain(|tool| names[*tool].name != reader.tool);
        }
        let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
        let operations = operations.enumerate().filter(|(tool, _)| chosen.contains(tool));
        let mut had_job = false;
        for (_, operation) in operations {
            had_job |= operation.job.is_some();
            if choice.waits {
                operation.job =
                    Some(changed(operation.job.take().unwrap_or_default(), choice, reader.clone()));
                // The call returns the result of the job instead of the reply that the document declares.
                operation.output = None;
            } else {
                operation.job = None;
            }
        }
        if !choice.waits && !had_job {
            let problem = format!(
                "`wait` in [jobs.{}] changes nothing: Jackfield has not detected that this tool starts a job",
                toml_key(key)
            );
            errors.push(manifest.refuse(Refusal::new(span.clone(), problem, "remove it")));
        }
    }
    errors
}

/// Returns the job with the values of the table.
fn changed(job: Job, choice: &JobChoice, reader: Option<JobReader>) -> Job {
    let JobChoice { header, address, id, state, done, failed, result, error, .. } = choice.clone();
    // A table that says where the status is found replaces the detected job.
    let says_place = header.is_some() || address.is_some() || id.is_some();
    let job = if says_place { Job { state: job.state, ..Job::default() } } else { job };
    Job {
        header: header.or(job.header),
        address: address.or(job.address),
        id: id.zip(reader).or(job.id),
        state: state.or(job.state),
        done: if done.is_empty() { job.done } else { done },
        failed: if failed.is_empty() { job.failed } else { failed },
        result: result.or(job.result),
        error: error.or(job.error),
        last: job.last,
    }
}

/// Returns the tool that reads the status, and its argument for the identifier.
fn reader(
    manifest: &Manifest,
    connector: &Connector,
    names: &[ChosenName],
    key: &str,
    choice: &JobChoice,
) -> Result<Option<JobReader>, Box<Diagnostic>> {
    let Some((tool, span)) = &choice.read else { return Ok(None) };
    let table = format!("[jobs.{}]", toml_key(key));
    let refuse = |span: &Span, problem: String, help: String| {
        Err(Box::new(manifest.refuse(Refusal::new(span.clone(), problem, help))))
    };
    let mut named = connector.operations().zip(names);
    let Some((operation, name)) = named.find(|(_, name)| name.name.as_str() == tool) else {
        return Err(Box::new(unknown_tool(manifest, tool, span, &format!("`read` of {table}"), names)));
    };
    if operation.effect != Effect::Read {
        let problem = format!("`{tool}` in `read` of {table} does not have the effect `read`");
        return refuse(span, problem, "name a tool with the effect `read`".to_owned());
    }
    let required: Vec<&ArgName> =
        operation.args.iter().filter(|arg| arg.required).map(|arg| &arg.name).collect();
    let listed = || operation.args.iter().map(|arg| format!("`{}`", arg.name)).collect::<Vec<_>>().join(", ");
    let argument = match (&choice.argument, required.as_slice()) {
        (Some((argument, span)), _) => {
            match operation.args.iter().find(|arg| arg.name.as_str() == argument) {
                Some(arg) => arg.name.clone(),
                None => {
                    let problem = format!("`argument` in {table}: `{tool}` has no argument `{argument}`");
                    return refuse(span, problem, format!("use one of {}", listed()));
                }
            }
        }
        (None, [only]) => (*only).clone(),
        (None, _) => {
            let problem =
                format!("{table} does not say which argument of `{tool}` takes the identifier of the job");
            return refuse(span, problem, format!("add `argument` with one of {}", listed()));
        }
    };
    let tool: ToolName = name.name.clone();
    Ok(Some(JobReader { tool, argument }))
}
