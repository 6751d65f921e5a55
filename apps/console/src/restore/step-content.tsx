import { type ReactNode, useEffect, useRef } from 'react';

interface StepContentProps {
  label: string;
  /** Whether the step was gone to, rather than being the one that the page opened with. */
  focused: boolean;
  children: ReactNode;
}

/** One step. Keyboards and screen readers go along to it; otherwise they would be left with a button that is gone. */
export const StepContent = ({ label, focused, children }: StepContentProps) => {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!focused) return;
    section.current?.focus({ preventScroll: true });
    void window.scrollTo(0, 0);
  }, [focused]);
  return (
    <section ref={section} tabIndex={-1} aria-label={label} className="step-content">
      {children}
    </section>
  );
};
