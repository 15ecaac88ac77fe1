//! The tags of k6's points.

use crate::read::ReadOptions;
use crate::timeline::FailureKind;

/// The tags that are used. A missing tag is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tags<S> {
    pub(crate) expected: S,
    pub(crate) status: S,
    pub(crate) error_code: S,
    pub(crate) error: S,
    pub(crate) name: S,
    pub(crate) url: S,
    pub(crate) group: S,
    pub(crate) scenario: S,
}

impl<S> Tags<S> {
    /// Returns the place for the value of a tag; `None` for a tag that is not used.
    pub(crate) fn slot(&mut self, name: &[u8]) -> Option<&mut S> {
        Some(match name {
            b"expected_response" => &mut self.expected,
            b"status" => &mut self.status,
            b"error_code" => &mut self.error_code,
            b"error" => &mut self.error,
            b"name" => &mut self.name,
            b"url" => &mut self.url,
            b"group" => &mut self.group,
            b"scenario" => &mut self.scenario,
            _ => return None,
        })
    }
}

impl<S: AsRef<str>> Tags<S> {
    /// Returns true for a success, false for a failure; `None` when no tag shows it.
    pub(super) fn verdict(&self) -> Option<bool> {
        match (self.error_code.as_ref(), self.status.as_ref().parse::<u32>()) {
            ("", Ok(status)) => Some((1..400).contains(&status)),
            ("", Err(_)) => None,
            _ => Some(false),
        }
    }

    pub(super) fn failure(&self) -> FailureKind {
        let number = |text: &S| text.as_ref().parse().ok();
        FailureKind { status: number(&self.status), error_code: number(&self.error_code) }
    }

    /// Returns true when the user's options keep requests with these tags.
    pub(super) fn wanted(&self, options: &ReadOptions) -> bool {
        let of_endpoint = options.endpoint.as_deref().is_none_or(|asked| self.matches(asked));
        of_endpoint && self.of_scenario(options)
    }

    /// Returns true for requests of `setup()` and `teardown()`. No virtual user sends them. A group
    /// of the script with such a name belongs to a scenario.
    pub(super) fn is_outside(&self) -> bool {
        let group = self.group.as_ref();
        let is_part = |name| {
            group.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        self.scenario.as_ref().is_empty() && (is_part("::setup") || is_part("::teardown"))
    }

    pub(super) fn of_scenario(&self, options: &ReadOptions) -> bool {
        options.scenario.as_deref().is_none_or(|asked| self.scenario.as_ref() == asked)
    }

    fn matches(&self, endpoint: &str) -> bool {
        let group = self.group.as_ref();
        [self.name.as_ref(), self.url.as_ref(), group].contains(&endpoint)
            || group.strip_prefix("::") == Some(endpoint)
    }
}
