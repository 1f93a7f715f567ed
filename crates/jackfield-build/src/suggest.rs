//! Suggests what a choice in connector.toml that matches nothing probably means.

use std::collections::BTreeSet;

use jackfield_model::nearest;
use jackfield_openapi::Candidate;

/// The operationIds, routes and tags of the document, whether chosen or not.
#[derive(Default)]
pub(crate) struct Seen {
    ids: BTreeSet<String>,
    routes: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Seen {
    pub(crate) fn note(&mut self, candidate: &Candidate<'_>) {
        self.routes.insert(format!("{} {}", candidate.method, candidate.path));
        self.ids.extend(candidate.id.map(str::to_owned));
        self.tags.extend(candidate.tags.iter().map(|tag| (*tag).to_owned()));
    }

    /// The remedy: the nearest operationId, route or tag, spelled as a choice.
    pub(crate) fn remedy(&self, choice: &str) -> String {
        let choice = choice.trim();
        if self.ids.contains(choice) || self.routes.contains(choice) {
            return "the document has it, but `include`, `exclude` or a finding leaves it out: change that, or remove this line"
                .to_owned();
        }
        match self.nearest(choice) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "correct it, or remove it; `jackfield inspect` shows each tool's operationId and route"
                .to_owned(),
        }
    }

    fn nearest(&self, choice: &str) -> Option<String> {
        let texts = |set: &BTreeSet<String>, text: &str| -> Option<String> {
            nearest(text, set.iter().map(String::as_str)).map(str::to_owned)
        };
        if let Some(tag) = choice.strip_prefix("tag:") {
            return texts(&self.tags, tag).map(|tag| format!("tag:{tag}"));
        }
        if choice.contains(char::is_whitespace) {
            return texts(&self.routes, choice);
        }
        if choice.starts_with('/') {
            let is_path = |route: &&String| route.split_once(' ').is_some_and(|(_, path)| path == choice);
            return self.routes.iter().find(is_path).cloned();
        }
        texts(&self.ids, choice).or_else(|| texts(&self.tags, choice).map(|tag| format!("tag:{tag}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_choice_suggests_the_nearest_in_the_document() {
        let mut seen = Seen::default();
        for (method, path, id, tag) in [
            ("GET", "/incidents", "listIncidents", "incidents"),
            ("POST", "/incidents", "createIncident", "incidents"),
            ("GET", "/users/{id}", "getUser", "people"),
        ] {
            seen.note(&Candidate { method, path: path.to_owned(), id: Some(id), tags: vec![tag] });
        }
        for (choice, near) in [
            ("list_incidents", "listIncidents"),
            ("ListIncident", "listIncidents"),
            ("tag:incident", "tag:incidents"),
            ("GET /incident", "GET /incidents"),
            ("/users/{id}", "GET /users/{id}"),
            ("people", "tag:people"),
        ] {
            assert_eq!(seen.remedy(choice), format!("did you mean `{near}`?"), "{choice}");
        }
        assert!(seen.remedy("getUser").contains("leaves it out"));
        assert!(seen.remedy("burn").contains("jackfield inspect"));
    }
}
