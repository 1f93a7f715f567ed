//! The effect of an operation on the service: judged by its HTTP method, and corrected by the words in its
//! texts.
//!
//! A single sign in the words is enough for a stronger effect, but only unambiguous words lead to a weaker effect. If
//! a tool asks for approval once too often, the user is annoyed; if it does not ask, the user may lose data.

mod destroys;
mod reads;
mod sentence;
mod siblings;
mod words;

use crate::cores;
use crate::vocabulary::{self, ARTICLES, CHANGES, DESTROYS, DOES, GENTLE, REACHES, READS, is_form};
use jackfield_model::{Connector, Effect, Method};
use siblings::Siblings;
use words::{Words, first_sentence, last_segment};

/// Judges the effect of every operation.
pub fn judge_effects(connector: &mut Connector) {
    let siblings = Siblings::of(connector);
    cores::each(connector, |(): &mut (), _, operation| {
        let judgement = judge(&operation.method, &Words::of(operation), &siblings);
        operation.effect = judgement.effect;
        operation.idempotent = judgement.idempotent;
        operation.because = judgement.because;
        // An extension of the document can raise an effect, but cannot lower it.
        if let Some(stated) = operation.stated.tool.effect.filter(|stated| *stated > operation.effect) {
            operation.effect = stated;
            operation.idempotent = operation.method.is_idempotent();
            operation.because = format!("{}, and an extension of the document", operation.method);
        }
    });
}

/// The effect of an operation, and the signs on which it is based.
struct Judgement {
    effect: Effect,
    idempotent: bool,
    because: String,
}

/// Judges the effect by the method first, then by the words.
fn judge(method: &Method, words: &Words<'_>, siblings: &Siblings) -> Judgement {
    let id = own_id(method, words.id);
    let judged = |effect, idempotent, sign: Option<String>| Judgement {
        effect,
        idempotent,
        because: sign.map_or_else(|| method.to_string(), |sign| format!("{method}, and {sign}")),
    };
    if method.as_str() == "DELETE" {
        return judged(Effect::Destroy, true, None);
    }
    if method.is_safe() {
        let said = Said::of(words, id);
        let quoted = |word: String| Some(format!("`{word}`"));
        return match (said.destroys(), said.changes()) {
            (Some(word), _) => judged(Effect::Destroy, false, quoted(word)),
            (None, Some(word)) => judged(Effect::Write, false, quoted(word)),
            (None, None) => judged(Effect::Read, true, None),
        };
    }
    if let Some(sign) = destroys::sign(words, &id, siblings) {
        return judged(Effect::Destroy, method.is_idempotent(), Some(sign));
    }
    match Some(()).filter(|()| method.as_str() == "POST").and_then(|()| reads::signs(words, &id)) {
        Some(signs) => judged(Effect::Read, true, Some(signs)),
        None => judged(Effect::Write, method.is_idempotent(), None),
    }
}

/// The words in the name, path and summary of an operation with a safe method.
struct Said {
    /// The part of the operationId after its tag.
    id: Vec<String>,
    /// The last segment of the path, unless it is a variable.
    segment: Vec<String>,
    /// The summary, or else the first sentence of the description.
    sentence: Vec<String>,
    /// The words of the path.
    path: Vec<String>,
}

impl Said {
    fn of(words: &Words<'_>, id: Vec<String>) -> Self {
        let sentence = first_sentence(words).map(|sentence| sentence.tokens().to_vec()).unwrap_or_default();
        Self { id, segment: last_segment(words.path), sentence, path: vocabulary::words(words.path) }
    }

    /// Returns the word that says that something is removed.
    fn destroys(&self) -> Option<String> {
        let is = |word: &&String| DESTROYS.contains(&word.as_str());
        let begins = self.id.first().map_or("", String::as_str);
        let id = self.id.first().filter(is).or_else(|| {
            // In `bulk_delete_messages`, the second word is the verb. In `orders_cancel`, the last word is the verb.
            let is_many = ["batch", "bulk", "force", "mass"].contains(&begins);
            self.id.get(1).filter(|_| is_many).filter(is).or_else(|| self.id.last().filter(is))
        });
        if self.only_reads() && id.is_none_or(|word| word != begins) {
            return None;
        }
        let said = id.or_else(|| self.segment.iter().find(is)).cloned();
        let sentence =
            || self.sentence.first().and_then(|word| DESTROYS.iter().find(|verb| is_form(word, verb)));
        let harmless = GENTLE.contains(&begins) || READS.contains(&begins);
        said.filter(|_| !harmless || id.is_some_and(|word| word == begins))
            .or_else(|| sentence().filter(|_| !harmless).map(|verb| (*verb).to_owned()))
    }

    /// Returns the word that says that something changes, although the method is safe.
    fn changes(&self) -> Option<String> {
        let is = |word: &&String| CHANGES.contains(&word.as_str()) || REACHES.contains(&word.as_str());
        let reads = |word: &&String| READS.contains(&word.as_str());
        let id = match self.id.as_slice() {
            // In `invite_resolve` under `/invites`, the first word is a tag and not a verb.
            [tag, rest @ ..] if rest.first().is_some_and(|word| reads(&word)) && self.has_many(tag) => rest,
            id => id,
        };
        if id.first().is_some_and(|word| reads(&word)) {
            return None;
        }
        let first = id.first().filter(is);
        if self.only_reads() {
            // The first verb decides. `create_flow` creates something, even if its summary begins with `gets`. `update_list` only lists.
            return first.filter(|_| !id.last().is_some_and(|word| reads(&word))).cloned();
        }
        let segment =
            Some(&self.segment).filter(|segment| segment.len() == 1).and_then(|segment| segment.first());
        // At the end of a name, `set` is a noun.
        let last = id.last().filter(|word| *word != "set");
        let sentence = || match self.sentence.as_slice() {
            [verb, article, ..] if ARTICLES.contains(&article.as_str()) => CHANGES
                .iter()
                .chain(&DOES)
                .find(|change| is_form(verb, change))
                .map(|verb| (*verb).to_owned()),
            _ => None,
        };
        first.or_else(|| segment.filter(is)).or_else(|| last.filter(is)).cloned().or_else(sentence)
    }

    /// Whether the path contains the plural of a word. The word is then a noun and not a verb.
    fn has_many(&self, word: &str) -> bool {
        self.path.iter().any(|other| other.strip_suffix('s') == Some(word))
    }

    /// Whether both the method and the first verb say that the operation reads. Other verbs are then nouns,
    /// such as `update` in `List all update deployments`.
    fn only_reads(&self) -> bool {
        self.sentence.first().is_some_and(|word| READS.iter().any(|verb| is_form(word, verb)))
    }
}

/// Returns the words of an operationId after its tag, without the name of an unsafe method at the beginning.
fn own_id(method: &Method, id: &str) -> Vec<String> {
    let own = id.rsplit(['/', '.', ':', '#']).next().unwrap_or_default();
    // gRPC writes `BookService_ListBooks`.
    let is_name = |part: &str| part.starts_with(char::is_uppercase) && part.contains(char::is_lowercase);
    let own = own
        .split_once('_')
        .filter(|(tag, rest)| is_name(tag) && is_name(rest) && !rest.contains('_'))
        .map_or(own, |(_, rest)| rest);
    let mut words = vocabulary::words(own);
    // The method is removed from `PostBooks` and `ShopPostBooks`.
    let is_method = |word: &String| word.eq_ignore_ascii_case(method.as_str());
    if !method.is_safe()
        && words.len() > 1
        && let Some(at) = words.iter().take(2).position(is_method)
    {
        words.remove(at);
    }
    words
}

#[cfg(test)]
mod tests;
