//! The differences between the replies of a tool.

use jackfield_model::{Operation, Reply, Status};

use crate::change::Change;
use crate::schema::{Found, Shift};
use crate::schemas::Schemas;
use crate::{Class, Kind, Phrase};

/// Compares the successful replies, as the documents declare them, and the output schemas, which the tools declare.
pub(crate) fn compare<'m>(
    old: &'m Operation,
    new: &'m Operation,
    schemas: &Schemas<'m>,
    found: &mut Vec<Change>,
) {
    let is_promised = old.output.is_some() && new.output.is_some();
    let first = found.len();
    let (replies, next) = (successes(old), successes(new));
    let words = |replies: &[&Reply]| replies.iter().map(|reply| summary(reply)).collect::<Vec<_>>();
    let (before, after) = (words(&replies), words(&next));
    if before != after {
        let (before, after) = (before.join(", "), after.join(", "));
        found.push(Change::value(Class::Behaviour, Kind::ReplyChanged, "reply", Some(&before), Some(&after)));
    }
    let mut left: Vec<&Reply> = next.clone();
    for reply in &replies {
        let same = left.iter().position(|next| summary(next) == summary(reply));
        let media = || left.iter().position(|next| next.media_type == reply.media_type);
        let only = || (replies.len() == 1 && next.len() == 1).then_some(0);
        let Some(at) = same.or_else(media).or_else(only) else { continue };
        let next = left.remove(at);
        match (&reply.schema, &next.schema) {
            (Some(before), Some(after)) => {
                let differences = schemas.received.compare(before.as_value(), after.as_value(), false, true);
                found.extend(differences.iter().map(|found| value(found, is_promised)));
            }
            (None, None) => {}
            (before, after) => {
                let [before, after] =
                    [before, after].map(|schema| Some(if schema.is_some() { "declared" } else { "unknown" }));
                let words = "schema of the reply";
                found.push(Change::value(Class::Behaviour, Kind::ReplyChanged, words, before, after));
            }
        }
    }
    let has_changes = found.len() > first;
    match (&old.output, &new.output) {
        (None, None) => {}
        (Some(_), None) => {
            let phrase = Phrase::of(["no longer declares an output schema"]);
            found.push(Change::new(Class::Breaking, Kind::Output, phrase));
        }
        (None, Some(_)) => {
            let phrase = Phrase::of(["declares an output schema"]);
            found.push(Change::new(Class::Behaviour, Kind::Output, phrase));
        }
        (Some(before), Some(after)) if !has_changes => {
            let differences = schemas.promised.compare(before.as_value(), after.as_value(), true, true);
            found.extend(differences.iter().map(|found| value(found, true)));
        }
        (Some(_), Some(_)) => {}
    }
}

/// Returns the replies that mean success.
fn successes(operation: &Operation) -> Vec<&Reply> {
    let is_success = |status| matches!(status, Status::Code(200..=299) | Status::Range(2));
    let has_success = operation.replies.iter().any(|reply| is_success(reply.status));
    let replies = operation.replies.iter();
    replies
        .filter(|reply| is_success(reply.status) || !has_success && reply.status == Status::Default)
        .collect()
}

/// Describes a reply, as in `200 application/json`.
fn summary(reply: &Reply) -> String {
    let status = match reply.status {
        Status::Code(code) => code.to_string(),
        Status::Range(range) => format!("{range}XX"),
        Status::Default => "default".to_owned(),
    };
    match &reply.media_type {
        Some(media_type) => format!("{status} {media_type}"),
        None => status,
    }
}

/// Converts a difference between the schemas of a reply to a change. A client or a model may rely on a value in an
/// output schema, so its absence is breaking.
pub(crate) fn value(found: &Found, is_promised: bool) -> Change {
    let promised = if is_promised { Class::Breaking } else { Class::Behaviour };
    let (class, kind, words) = match found.shift {
        Shift::Added | Shift::AddedRequired => (Class::Behaviour, Kind::ReplyAdded, " added"),
        Shift::Removed => (promised, Kind::ReplyRemoved, " removed"),
        Shift::Required => (Class::Behaviour, Kind::ReplyChanged, " is now always present"),
        Shift::Optional => (Class::Behaviour, Kind::ReplyChanged, " may be missing"),
        Shift::Narrowed => (Class::Behaviour, Kind::ReplyChanged, " narrowed: "),
        // Output schemas restrict only types.
        Shift::Widened if found.aspect == "type" => (promised, Kind::ReplyChanged, " widened: "),
        Shift::Changed if found.aspect == "type" => (promised, Kind::ReplyChanged, " changed: "),
        Shift::Widened => (Class::Behaviour, Kind::ReplyChanged, " widened: "),
        Shift::Changed | Shift::Unknown => (Class::Behaviour, Kind::ReplyChanged, " changed: "),
        Shift::Default => (Class::Behaviour, Kind::ReplyChanged, ": "),
        Shift::Wording => (Class::Wording, Kind::Output, ": "),
    };
    let path = found.path.strip_prefix('.').unwrap_or(&found.path);
    let mut phrase = match (path, &found.within) {
        ("", None) => Phrase::of(["reply"]),
        ("", Some(schema)) => Phrase::of(["reply: schema ", schema, ""]),
        (path, None) => Phrase::of(["reply: ", path, ""]),
        (path, Some(schema)) => Phrase::of(["reply: ", path, " of schema ", schema, ""]),
    };
    phrase.say(words);
    phrase.append(found.detail());
    let change = Change::new(class, kind, phrase).about(path);
    change.values(found.before.as_deref(), found.after.as_deref())
}
