//! Converts questions and answers to and from protocol messages.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::engine::context::{Answer, Question, QuestionKind};
use crate::engine::form::Form;

/// Returns the method of the request that asks a question.
pub(super) const fn method<'a>(question: &Question<'a>) -> &'a str {
    match question.kind {
        QuestionKind::Form { .. } => "elicitation/create",
        QuestionKind::Sampling(_) => "sampling/createMessage",
        QuestionKind::Roots => "roots/list",
        QuestionKind::Relayed { method, .. } => method,
    }
}

/// Returns the parameters of the request that asks a question.
pub(super) fn parameters(question: &Question<'_>) -> Option<Value> {
    match question.kind {
        QuestionKind::Form { message, schema } => {
            Some(json!({ "message": message, "requestedSchema": schema }))
        }
        QuestionKind::Sampling(parameters) => Some(Value::Object(parameters.clone())),
        QuestionKind::Roots => None,
        QuestionKind::Relayed { parameters, .. } => {
            (!parameters.is_empty()).then(|| Value::Object(parameters.clone()))
        }
    }
}

/// Returns the request that asks a question within a result.
pub(super) fn request(question: &Question<'_>) -> Value {
    let mut request = Map::from_iter([("method".to_owned(), method(question).into())]);
    if let Some(mut parameters) = parameters(question) {
        if matches!(question.kind, QuestionKind::Form { .. }) {
            parameters["mode"] = "form".into();
        }
        request.insert("params".to_owned(), parameters);
    }
    Value::Object(request)
}

/// Returns the digest of a question, by which an answer is matched to its question.
pub(super) fn digest(question: &Question<'_>) -> [u8; 32] {
    let mut text = json!([question.key, method(question), parameters(question)]);
    text.sort_all_objects();
    Sha256::digest(text.to_string()).into()
}

/// Parses a client's answer. Returns `None` if the answer does not fit the question.
pub(super) fn answer(question: &Question<'_>, response: &Value) -> Option<Answer> {
    let response = response.as_object()?;
    match question.kind {
        QuestionKind::Form { schema, .. } => match response.get("action")?.as_str()? {
            "accept" => {
                let content = response.get("content").and_then(Value::as_object);
                let empty = Map::new();
                Form::parse(schema).ok()?.check(content.unwrap_or(&empty)).map(Answer::Accepted)
            }
            "decline" => Some(Answer::Declined),
            "cancel" => Some(Answer::Cancelled),
            _ => None,
        },
        QuestionKind::Sampling(_) => {
            let is_message = response.get("role").is_some_and(Value::is_string)
                && response.get("content").is_some_and(|content| content.is_object() || content.is_array());
            is_message.then(|| Answer::Accepted(response.clone()))
        }
        QuestionKind::Roots => {
            let roots = response.get("roots")?.as_array()?;
            let are_roots = roots.iter().all(|root| root.get("uri").is_some_and(Value::is_string));
            are_roots.then(|| Answer::Accepted(response.clone()))
        }
        // The server that asked the question checks the answer.
        QuestionKind::Relayed { .. } => Some(Answer::Accepted(response.clone())),
    }
}

/// Converts an answer to JSON, for the encrypted state.
pub(super) fn kept(answer: &Answer) -> Value {
    match answer {
        Answer::Accepted(fields) => Value::Object(fields.clone()),
        Answer::Declined => "declined".into(),
        Answer::Cancelled | Answer::Failed { .. } | Answer::Later => "cancelled".into(),
    }
}

/// Parses an answer in the encrypted state.
pub(super) fn restored(kept: &Value) -> Answer {
    match kept {
        Value::Object(fields) => Answer::Accepted(fields.clone()),
        Value::String(text) if text == "declined" => Answer::Declined,
        _ => Answer::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_of_a_kind_that_was_not_asked_for_is_invalid() {
        let schema =
            json!({ "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"] });
        let schema = schema.as_object().unwrap();
        let empty = Map::new();
        let form = Question::form("x", "Sure?", schema);
        let (sampling, roots) = (Question::sampling("x", &empty), Question::roots("x"));
        let accepted = |fields: Value| Some(Answer::Accepted(fields.as_object().cloned().unwrap()));
        let message =
            json!({ "role": "assistant", "content": { "type": "text", "text": "Paris" }, "model": "m" });
        for (question, response, expected) in [
            (form, json!({ "action": "accept", "content": { "ok": true } }), accepted(json!({ "ok": true }))),
            (form, json!({ "action": "accept", "content": { "ok": 1 } }), None),
            (form, json!({ "action": "accept" }), None),
            (form, json!({ "action": "decline" }), Some(Answer::Declined)),
            (form, json!({ "action": "cancel", "content": {} }), Some(Answer::Cancelled)),
            (form, json!({ "action": "perhaps" }), None),
            (form, json!({ "ok": true }), None),
            (form, json!(12_345), None),
            (sampling, message.clone(), accepted(message)),
            (sampling, json!({ "role": "assistant" }), None),
            (sampling, json!({ "action": "accept", "content": {} }), None),
            (
                roots,
                json!({ "roots": [{ "uri": "file:///a" }] }),
                accepted(json!({ "roots": [{ "uri": "file:///a" }] })),
            ),
            (roots, json!({ "roots": ["file:///a"] }), None),
            (roots, json!({}), None),
        ] {
            assert_eq!(answer(&question, &response), expected, "{response}");
        }
    }

    #[test]
    fn digest_of_a_question_depends_on_every_part_of_the_question() {
        let (one, other) = (json!({ "maxTokens": 1 }), json!({ "maxTokens": 2 }));
        let questions = [
            Question::sampling("a", one.as_object().unwrap()),
            Question::sampling("b", one.as_object().unwrap()),
            Question::sampling("a", other.as_object().unwrap()),
            Question::form("a", "m", one.as_object().unwrap()),
            Question::roots("a"),
        ];
        let digests: std::collections::BTreeSet<_> = questions.iter().map(digest).collect();
        assert_eq!(digests.len(), questions.len());
    }
}
