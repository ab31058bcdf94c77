package template

// Plain is plain.
func Plain(v any) (any, error) { return plain(v) }

// ByMachine evaluates the expression by the virtual machine.
func (e *Expression) ByMachine(s *Scope) (any, error) { return e.code.run(s) }

// IsSimple reports whether the expression can do without the virtual machine.
func (e *Expression) IsSimple() bool { return e.code.simple != nil }
