//! Calls that are on: what is done to one from outside.

use reqwest::Method;
use serde_json::Value;

use super::{Rest, RestError};

/// What becomes of a call that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// It ends.
    HangUp,
    /// It goes on with the document at a URL, asked for by POST.
    GoOnAt(String),
    /// It goes on with this document. URLs in it must be absolute.
    GoOnWith(String),
}

impl Rest {
    /// Interrupts a call that is on. Its next request is about what it was given.
    ///
    /// # Errors
    /// When there is no such call, or it is over, or any other [`RestError`].
    pub async fn update_call(
        &self,
        account: &str,
        sid: &str,
        update: &CallUpdate,
    ) -> Result<(), RestError> {
        let field = match update {
            CallUpdate::HangUp => ("Status", "completed"),
            CallUpdate::GoOnAt(url) => ("Url", url.as_str()),
            CallUpdate::GoOnWith(document) => ("Twiml", document.as_str()),
        };
        let path = ["Calls", &format!("{sid}.json")];
        let request = self.request(Method::POST, account, &path)?;
        let _: Value = self.resource(request.form(&[field])).await?;
        Ok(())
    }
}
