// Released, and gone.
import StimulatorLinks

func once(_ edge: consuming TriggerEdge, _ release: (consuming TriggerEdge) -> Void) { release(edge) }
