//! What a call asks of a service, and what came of it, as values: the shell carries it out.

use serde_json::Value as Json;

/// A request to a service of the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRequest {
    /// The service, by its name in the settings.
    pub service: String,
    /// What is done there.
    pub method: ServiceMethod,
    /// What stands behind the service's URL: a path that begins with a slash, perhaps with a query. Its holes are
    /// percent-encoded.
    pub path: String,
    /// What goes along.
    pub body: ServiceBody,
    /// Whether a sensitive answer goes along, which only a trusted service may get.
    pub is_secret: bool,
    /// Seconds until the caller is waited for no longer.
    pub time_limit: u32,
}

/// What is done at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceMethod {
    /// Something is read.
    Get,
    /// Something is handed in.
    Post,
    /// Something is put in the place of what is there.
    Put,
    /// Something is taken away.
    Delete,
}

impl ServiceMethod {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Put, Self::Delete];

    /// The key of a flow that names it; in capitals, the method of HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }

    /// Whether it changes nothing, so that it may be made again (RFC 9110 §9.2.1).
    pub fn is_safe(self) -> bool {
        self == Self::Get
    }
}

/// What goes along with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceBody {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(String),
    /// The fields of a form, in order.
    Form(Vec<(String, String)>),
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceAnswer {
    /// The service answered.
    Answered {
        /// The status of HTTP.
        status: u16,
        /// What was answered, where it is JSON within the limits.
        json: Option<Json>,
    },
    /// The time was over before the service had answered.
    TimeLimit,
    /// It could not be asked, or no whole answer came.
    Failed,
}
