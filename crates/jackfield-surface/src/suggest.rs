//! Suggestions for choices in connector.toml that match no operation.

use std::collections::BTreeSet;

use jackfield_model::{Candidate, nearest};

/// The operationIds, routes and tags of all candidates, whether selected or not.
#[derive(Clone, Debug, Default)]
pub struct Known {
    ids: BTreeSet<String>,
    routes: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Known {
    /// Collects the names that choices can contain.
    pub fn of(candidates: &[Candidate<'_>]) -> Self {
        let tags = candidates.iter().flat_map(|candidate| &candidate.tags);
        Self {
            ids: candidates.iter().filter_map(|candidate| candidate.id).map(str::to_owned).collect(),
            routes: candidates.iter().map(Candidate::route).collect(),
            tags: tags.map(|tag| (*tag).to_owned()).collect(),
        }
    }

    /// The remedy for a choice that matches nothing: the most similar operationId, route or tag.
    pub fn remedy(&self, choice: &str) -> String {
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
    use jackfield_model::Method;

    use super::*;

    #[test]
    fn mistyped_selector_suggests_the_nearest_in_the_document() {
        let candidates = [
            ("GET", "/incidents", "listIncidents", "incidents"),
            ("POST", "/incidents", "createIncident", "incidents"),
            ("GET", "/users/{id}", "getUser", "people"),
        ]
        .map(|(method, path, id, tag)| Candidate {
            method: Method::new(method).unwrap(),
            path: path.to_owned(),
            id: Some(id),
            tags: vec![tag],
        });
        let known = Known::of(&candidates);
        for (choice, near) in [
            ("list_incidents", "listIncidents"),
            ("ListIncident", "listIncidents"),
            ("tag:incident", "tag:incidents"),
            ("GET /incident", "GET /incidents"),
            ("/users/{id}", "GET /users/{id}"),
            ("people", "tag:people"),
        ] {
            assert_eq!(known.remedy(choice), format!("did you mean `{near}`?"), "{choice}");
        }
        assert!(known.remedy("getUser").contains("leaves it out"));
        assert!(known.remedy("burn").contains("jackfield inspect"));
    }
}
