//! What the two engines are asked in different words: one expression, of which each is told its own half.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;

/// An expression that means the same on both engines.
#[derive(Clone, Copy, Debug, QueryId)]
pub(in crate::store) struct PerEngine<F, S> {
    file: F,
    server: S,
}

/// An expression for `SQLite`, and the same for a server.
pub(in crate::store) const fn per_engine<F, S>(file: F, server: S) -> PerEngine<F, S> {
    PerEngine { file, server }
}

/// A condition that is said literally, because a bound value would keep a partial index from serving it.
pub(in crate::store) type Literally = PerEngine<SqlLiteral<Bool>, SqlLiteral<Bool>>;

/// A condition in the words of `SQLite`, whose booleans are numbers, and in those of a server.
pub(in crate::store) fn literally(file: &str, server: &str) -> Literally {
    per_engine(sql(file), sql(server))
}

/// Finds a pattern (with `\` before what is no wildcard) whatever the case of its letters from A to Z: `SQLite` always looks like that.
macro_rules! in_any_case {
    ($column:expr, $pattern:expr) => {{
        let pattern: String = $pattern;
        $crate::store::engine::variants::per_engine(
            $column.like(pattern.clone()).escape('\\'),
            ::diesel::PgTextExpressionMethods::ilike($column, pattern).escape('\\'),
        )
    }};
}

pub(in crate::store) use in_any_case;

impl<F: Expression, S: Expression<SqlType = F::SqlType>> Expression for PerEngine<F, S> {
    type SqlType = F::SqlType;
}

impl<F, S, QS> AppearsOnTable<QS> for PerEngine<F, S>
where
    PerEngine<F, S>: Expression,
    F: AppearsOnTable<QS>,
    S: AppearsOnTable<QS>,
{
}

impl<F, S, QS> SelectableExpression<QS> for PerEngine<F, S>
where
    PerEngine<F, S>: AppearsOnTable<QS>,
    F: SelectableExpression<QS>,
    S: SelectableExpression<QS>,
{
}

impl<F, S, G> ValidGrouping<G> for PerEngine<F, S>
where
    F: ValidGrouping<G>,
    S: ValidGrouping<G, IsAggregate = F::IsAggregate>,
{
    type IsAggregate = F::IsAggregate;
}

impl<F: QueryFragment<Sqlite>, S> QueryFragment<Sqlite> for PerEngine<F, S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.file.walk_ast(out)
    }
}

impl<F, S: QueryFragment<Pg>> QueryFragment<Pg> for PerEngine<F, S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.server.walk_ast(out)
    }
}
