package pg

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Attempt runs f behind a savepoint. A refusal that would come again for the same
// request and state is given back as such: nothing of what f wrote before it is
// left, and the transaction goes on, so that the refusal can be entered. Any
// other error ends the transaction.
func (t *Tx) Attempt(f func() error) (refusal *fault.Error, err error) {
	if err := t.exec("SAVEPOINT attempt"); err != nil {
		return nil, err
	}
	if err = f(); err == nil {
		return nil, nil
	}
	refusal, ok := fault.As(Fault(err))
	if !ok || !refusal.Kind.Deterministic() || Contended(err) {
		return nil, err
	}
	if err := t.exec("ROLLBACK TO SAVEPOINT attempt"); err != nil {
		return nil, err
	}
	return refusal, nil
}

func (t *Tx) exec(statement string) error {
	if _, err := t.sql.ExecContext(t.ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
