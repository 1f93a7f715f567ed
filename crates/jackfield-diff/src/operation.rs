//! The differences of one tool.

use jackfield_model::{Ask, Body, Caching, Connector, Operation};

use crate::change::{Change, Changes};
use crate::followed::{compare_jobs, compare_pages};
use crate::schemas::Schemas;
use crate::texts::text;
use crate::tools::Tool;
use crate::{Class, Kind, arguments, contents, merges, replies, security, servers};

/// Compares a tool of both connectors.
pub(crate) fn compare<'m>(
    connectors: [&'m Connector; 2],
    old: &Tool<'m>,
    new: &Tool<'m>,
    schemas: &Schemas<'m>,
    changes: &mut Changes,
) {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let Operation {
        id: _,
        method: _,
        path: _,
        place: _,
        stated: _,
        title: _,
        description,
        title_is_said: _,
        deprecated,
        effect,
        ask,
        idempotent,
        idempotency_key,
        paging,
        caching,
        job,
        resource,
        merged: _,
        because: _,
        server: _,
        args: _,
        reply_fields: _,
        fewest_args: _,
        presets,
        recipe: _,
        body: _,
        replies: _,
        accepts,
        output: _,
        security: _,
    } = old.operation;
    let next = new.operation;
    let mut found = Vec::new();
    route(old, new, &mut found);
    found.extend(merges::compare_called(old, new));
    if *effect != next.effect {
        let (before, after) = (effect.as_str(), next.effect.as_str());
        // A stronger effect lets a model do more. A weaker effect requires fewer permissions and approvals.
        found.push(Change::value(Class::Security, Kind::Effect, "effect", Some(before), Some(after)));
    }
    if *ask != next.ask {
        let rank = |ask: Ask| [Ask::Never, Ask::ByEffect, Ask::Always].iter().position(|one| *one == ask);
        let class = if rank(next.ask) < rank(*ask) { Class::Security } else { Class::Behaviour };
        let (before, after) = (ask.as_str(), next.ask.as_str());
        found.push(Change::value(class, Kind::Approval, "approval", Some(before), Some(after)));
    }
    security::compare(&old.operation.security, &next.security, &mut found);
    servers::compare_own(connectors, [old.operation, next], &mut found);
    found.extend(arguments::compare(connectors, old, new, &schemas.sent));
    compare_bodies(old.operation, next, &mut found);
    replies::compare(old.operation, next, schemas, &mut found);
    if accepts != &next.accepts {
        let [before, after] = [accepts, &next.accepts].map(|types| match types.as_slice() {
            [] => "*/*".to_owned(),
            types => types.join(", "),
        });
        let words = "accepted media types of replies";
        found.push(Change::value(Class::Behaviour, Kind::Accept, words, Some(&before), Some(&after)));
    }
    let words = |is: bool| Some(if is { "yes" } else { "no" });
    if *idempotent != next.idempotent {
        let (before, after) = (words(*idempotent), words(next.idempotent));
        found.push(Change::value(
            Class::Behaviour,
            Kind::Idempotent,
            "may be repeated after failures:",
            before,
            after,
        ));
    }
    if idempotency_key != &next.idempotency_key {
        let [before, after] =
            [idempotency_key, &next.idempotency_key].map(|key| key.as_ref().map(|key| key.as_str()));
        found.push(Change::value(Class::Behaviour, Kind::Idempotent, "idempotency key", before, after));
    }
    if presets != &next.presets {
        let [before, after] = [presets, &next.presets]
            .map(|presets| presets.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        // Models can set a value that connector.toml no longer sets.
        let words = "values set in connector.toml";
        found.push(Change::value(Class::Security, Kind::Request, words, Some(&before), Some(&after)));
    }
    compare_pages(paging.as_ref(), next.paging.as_ref(), &mut found);
    compare_jobs(job.as_ref(), next.job.as_ref(), &mut found);
    contents::compare_resources(resource.as_ref(), next.resource.as_ref(), &mut found);
    if *caching != next.caching {
        let [before, after] = [*caching, next.caching].map(kept);
        found.push(Change::value(
            Class::Behaviour,
            Kind::Caching,
            "caching of replies:",
            Some(&before),
            Some(&after),
        ));
    }
    if *deprecated != next.deprecated {
        let (before, after) = (words(*deprecated), words(next.deprecated));
        found.push(Change::value(Class::Behaviour, Kind::Deprecated, "deprecated:", before, after));
    }
    if old.group != new.group {
        found.push(Change::value(Class::Wording, Kind::Group, "group", Some(old.group), Some(new.group)));
    }
    let [title, next_title] = [old.operation, next].map(shown_title);
    found.extend(text("title", title, next_title));
    found.extend(text("description", description, &next.description));
    for change in found {
        changes.add_of(new.name, change);
    }
}

/// Returns the title that tool lists show.
fn shown_title(operation: &Operation) -> &str {
    if operation.title_is_said { "" } else { &operation.title }
}

fn route(old: &Tool<'_>, new: &Tool<'_>, found: &mut Vec<Change>) {
    let [before, after] = [old, new].map(|tool| tool.operation.route());
    if old.shape() == new.shape() {
        return;
    }
    // An operation with an equal operationId has moved. Otherwise the name may belong to another operation now.
    let (before_id, after_id) = (&old.operation.id, &new.operation.id);
    let is_same = before_id.is_some() && before_id == after_id;
    let class = if is_same { Class::Behaviour } else { Class::Breaking };
    found.push(Change::value(class, Kind::Route, "route", Some(&before), Some(&after)));
}

/// Describes how long a reply is cached.
fn kept(caching: Caching) -> String {
    match caching {
        Caching::Off => "none".to_owned(),
        Caching::Revalidate => "revalidated".to_owned(),
        Caching::Seconds(seconds) => format!("{seconds} s"),
    }
}

fn compare_bodies(old: &Operation, new: &Operation, found: &mut Vec<Change>) {
    let [before, after] =
        [old, new].map(|operation| operation.body.as_ref().map(|body| body.media_type.as_str()));
    if before != after {
        found.push(Change::value(Class::Behaviour, Kind::MediaType, "media type of the body", before, after));
    }
    let has_required = found.iter().any(|change| {
        matches!(change.kind, Kind::ArgumentRequired | Kind::ArgumentOptional | Kind::ArgumentRemoved)
    });
    let (Some(Body { required: before, .. }), Some(Body { required: after, .. })) = (&old.body, &new.body)
    else {
        return;
    };
    if before != after && !has_required {
        let class = if *after { Class::Breaking } else { Class::Behaviour };
        let [before, after] = [before, after].map(|required| if *required { "required" } else { "optional" });
        found.push(Change::value(class, Kind::Request, "body", Some(before), Some(after)));
    }
}
