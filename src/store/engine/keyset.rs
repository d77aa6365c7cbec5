//! Comparing several columns at once, in the order in which they stand: so an index is entered at the place where a page begins, however
//! far down that is. Written as a chain of `or`, the same condition reads every row before it.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;

/// `(columns) > (values)`.
#[derive(Clone, Copy, Debug, QueryId, ValidGrouping)]
pub(in crate::store) struct RowsAfter<C, V> {
    columns: C,
    values: V,
}

/// `(columns) < (values)`.
#[derive(Clone, Copy, Debug, QueryId, ValidGrouping)]
pub(in crate::store) struct RowsBefore<C, V> {
    columns: C,
    values: V,
}

/// Rows after a place.
pub(in crate::store) const fn after<C, V>(columns: C, values: V) -> RowsAfter<C, V> {
    RowsAfter { columns, values }
}

/// Rows before a place.
pub(in crate::store) const fn before<C, V>(columns: C, values: V) -> RowsBefore<C, V> {
    RowsBefore { columns, values }
}

macro_rules! comparison {
    ($name:ident, $sign:literal) => {
        impl<C: Expression, V: Expression<SqlType = C::SqlType>> Expression for $name<C, V> {
            type SqlType = Bool;
        }

        impl<C, V, QS> AppearsOnTable<QS> for $name<C, V>
        where
            $name<C, V>: Expression,
            C: AppearsOnTable<QS>,
            V: AppearsOnTable<QS>,
        {
        }

        impl<C, V, QS> SelectableExpression<QS> for $name<C, V>
        where
            $name<C, V>: AppearsOnTable<QS>,
            C: SelectableExpression<QS>,
            V: SelectableExpression<QS>,
        {
        }

        impl<C: QueryFragment<DB>, V: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for $name<C, V> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                out.push_sql("(");
                self.columns.walk_ast(out.reborrow())?;
                out.push_sql(concat!(") ", $sign, " ("));
                self.values.walk_ast(out.reborrow())?;
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

comparison!(RowsAfter, ">");
comparison!(RowsBefore, "<");
