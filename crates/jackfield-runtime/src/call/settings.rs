//! Adds parameters that are settings of the connector to a request.

use jackfield_recipe::{Location, Setting, visible_line};

use crate::call::args::{ArgError, Input};
use crate::call::request::Request;
use crate::call::rows::{Connector, ParameterSetting};
use crate::common::environment::Environment;

/// Adds the headers that are sent with every request.
pub(crate) fn add_headers(
    connector: &Connector<'_>,
    environment: &Environment,
    request: &mut Request,
) -> Result<(), ArgError> {
    for (name, value) in connector.headers {
        request.set_header(name, *value);
        let variable = variable(connector, Location::Header, name);
        if let Some(chosen) = environment.get(&variable) {
            request.header(name, Input::chosen(&variable, &chosen))?;
        }
    }
    Ok(())
}

/// Adds the headers and query parameters that are sent with the requests of a tool.
pub(crate) fn add(
    connector: &Connector<'_>,
    tool: &str,
    environment: &Environment,
    request: &mut Request,
) -> Result<(), ArgError> {
    for setting in connector.settings.iter().filter(|setting| setting.is_for(tool)) {
        add_one(connector, setting, environment, request)?;
    }
    Ok(())
}

/// Adds one setting, if it has a value.
pub(crate) fn add_one(
    connector: &Connector<'_>,
    setting: &ParameterSetting<'_>,
    environment: &Environment,
    request: &mut Request,
) -> Result<(), ArgError> {
    let variable = variable(connector, setting.location, setting.wire);
    let chosen = environment.get(&variable);
    let Some(value) = chosen.as_deref().or(setting.value) else { return Ok(()) };
    let input = Input::chosen(&variable, value);
    match setting.location {
        Location::Query => request.query(setting.wire, input),
        _ => request.header(setting.wire, input),
    }
}

/// Returns the environment variables of all settings, each with a description for `--help`.
pub(crate) fn variables(connector: &Connector<'_>) -> Vec<(String, String)> {
    let headers = connector.headers.iter().map(|(name, value)| {
        let meaning = format!("the header `{name}` of every request ({})", visible_line(value));
        (variable(connector, Location::Header, name), meaning)
    });
    let settings = connector.settings.iter().map(|setting| {
        let ParameterSetting { location, wire, value, .. } = setting;
        let place = if *location == Location::Query { "query parameter" } else { "header" };
        let (wire_shown, value) = (visible_line(wire), visible_line(value.unwrap_or("not sent")));
        let meaning = format!("the {place} `{wire_shown}` ({value})");
        (variable(connector, *location, wire), meaning)
    });
    headers.chain(settings).collect()
}

/// Returns the environment variable that replaces the value of a setting.
pub(crate) fn variable(connector: &Connector<'_>, location: Location, name: &str) -> String {
    Setting::parameter_variable(connector.name, location, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::base_url::BaseUrl;
    use crate::call::files::Files;

    static CONNECTOR: Connector<'static> =
        Connector::new("book-shop").headers(&[("X-Channel", "web")]).settings(&[
            ParameterSetting::header("X-Version").value("2").except(&["ping"]),
            ParameterSetting::query("alt").value("json & more").only(&["list"]),
            ParameterSetting::query("pretty"),
        ]);

    /// Builds the request of a tool, with these environment variables set.
    fn sent(tool: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let environment = Environment::of(variables.iter().copied());
        let mut request = Request::new("GET", "/books", Files::none());
        let added = add_headers(&CONNECTOR, &environment, &mut request)
            .and_then(|()| add(&CONNECTOR, tool, &environment, &mut request));
        added.map_err(|error| error.to_string())?;
        let base = BaseUrl::parse("https://api.example.com").map_err(|error| error.to_string())?;
        request.finish(&base).map(|outgoing| outgoing.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn parameter_setting_is_sent_only_with_requests_of_its_tools() -> Result<(), String> {
        let (list, ping) = (sent("list", &[])?, sent("ping", &[])?);
        for part in ["/books?alt=json%20%26%20more ", "X-Version: 2", "X-Channel: web"] {
            assert!(list.contains(part.trim()), "{part}: {list}");
        }
        assert!(!list.contains("pretty"), "{list}");
        assert!(
            !ping.contains("alt") && !ping.contains("X-Version") && ping.contains("X-Channel: web"),
            "{ping}"
        );
        Ok(())
    }

    #[test]
    fn environment_variable_replaces_the_value_of_a_setting() -> Result<(), String> {
        let variables = [
            ("BOOK_SHOP_HEADER_X_VERSION", "3"),
            ("BOOK_SHOP_HEADER_X_CHANNEL", "app"),
            ("BOOK_SHOP_QUERY_PRETTY", "true"),
        ];
        let list = sent("list", &variables)?;
        for part in ["X-Version: 3", "X-Channel: app", "pretty=true"] {
            assert!(list.contains(part), "{part}: {list}");
        }
        assert!(!list.contains("X-Version: 2") && !list.contains("X-Channel: web"), "{list}");
        Ok(())
    }

    #[test]
    fn error_about_an_invalid_header_value_names_the_environment_variable() {
        let refused = sent("list", &[("BOOK_SHOP_HEADER_X_VERSION", "3\r\nX-Evil: 1")]);
        assert!(refused.is_err_and(|error| error.starts_with("`BOOK_SHOP_HEADER_X_VERSION`")));
    }
}
