//! Pages for holders, about what is theirs.

use crate::web::route::routes;

routes! {}
