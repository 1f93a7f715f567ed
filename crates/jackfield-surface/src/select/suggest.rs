//! Suggestions for choices in connector.toml that match no operation.

use std::collections::BTreeSet;

use jackfield_model::nearest;

use super::selector::Facts;

/// The names of all operations, whether selected or not.
#[derive(Clone, Debug, Default)]
pub struct Known {
    ids: BTreeSet<String>,
    tools: BTreeSet<String>,
    routes: BTreeSet<String>,
    paths: BTreeSet<String>,
    methods: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Known {
    /// Collects the names that selectors can contain.
    pub fn of<'f>(operations: impl IntoIterator<Item = &'f Facts<'f>>) -> Self {
        let mut known = Self::default();
        for facts in operations {
            known.ids.extend(facts.id.map(str::to_owned));
            known.tools.extend(facts.tool.map(str::to_owned));
            known.routes.insert(facts.route());
            known.paths.insert(facts.path.to_owned());
            known.methods.insert(facts.method.to_owned());
            known.tags.extend(facts.tags.iter().map(|tag| (*tag).to_owned()));
        }
        known
    }

    /// Adds the names of tools.
    #[must_use]
    pub fn with_tools<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.tools.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// Returns the remedy for a selector that matches nothing, with the most similar selector that matches.
    pub fn remedy(&self, choice: &str) -> String {
        let choice = choice.trim();
        let is_known = [&self.ids, &self.routes, &self.tools].iter().any(|names| names.contains(choice));
        if is_known {
            return "the document has this operation, but `include`, `exclude` or a finding leaves it out: change that, or remove this line"
                .to_owned();
        }
        match self.nearest(choice) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "correct the selector, or remove it; `jackfield inspect` shows each tool's operationId and route"
                .to_owned(),
        }
    }

    fn nearest(&self, choice: &str) -> Option<String> {
        let texts = |set: &BTreeSet<String>, text: &str| -> Option<String> {
            nearest(text.trim(), set.iter().map(String::as_str)).map(str::to_owned)
        };
        if let Some(inner) = choice.strip_prefix('!') {
            return self.nearest(inner.trim()).map(|near| format!("!{near}"));
        }
        if let Some((prefix, text)) = choice.split_once(':') {
            let set = match prefix {
                "tag" => Some(&self.tags),
                "tool" => Some(&self.tools),
                "id" => Some(&self.ids),
                "method" => Some(&self.methods),
                "path" => Some(&self.paths),
                _ => None,
            };
            if let Some(set) = set {
                return texts(set, text).map(|near| format!("{prefix}:{near}"));
            }
        }
        if choice.contains(char::is_whitespace) {
            return texts(&self.routes, choice);
        }
        if choice.starts_with('/') {
            let is_path = |route: &&String| route.split_once(' ').is_some_and(|(_, path)| path == choice);
            return self.routes.iter().find(is_path).cloned().or_else(|| texts(&self.paths, choice));
        }
        // Names of tools have underscores, and most operationIds do not.
        let [first, second] = match choice.contains('_') {
            true => [&self.tools, &self.ids],
            false => [&self.ids, &self.tools],
        };
        texts(first, choice)
            .or_else(|| texts(second, choice))
            .or_else(|| texts(&self.tags, choice).map(|tag| format!("tag:{tag}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_about_a_mistyped_selector_suggests_the_nearest_name() {
        let candidates = [
            ("GET", "/incidents", "listIncidents", "incidents"),
            ("POST", "/incidents", "createIncident", "incidents"),
            ("GET", "/users/{id}", "getUser", "people"),
        ]
        .map(|(method, path, id, tag)| Facts {
            method,
            path,
            id: Some(id),
            tags: vec![tag],
            tool: None,
            merged: None,
            effect: None,
            is_hidden: false,
        });
        let known = Known::of(&candidates).with_tools(["find_users"]);
        for (choice, near) in [
            ("list_incidents", "listIncidents"),
            ("ListIncident", "listIncidents"),
            ("tag:incident", "tag:incidents"),
            ("GET /incident", "GET /incidents"),
            ("/users/{id}", "GET /users/{id}"),
            ("people", "tag:people"),
            ("!tag:peopel", "!tag:people"),
            ("get /incidents", "GET /incidents"),
            ("method:get", "method:GET"),
            ("id:getuser", "id:getUser"),
            ("find_user", "find_users"),
        ] {
            assert_eq!(known.remedy(choice), format!("did you mean `{near}`?"), "{choice}");
        }
        assert!(known.remedy("getUser").contains("leaves it out"));
        assert!(known.remedy("burn").contains("jackfield inspect"));
    }
}
