const PATHS = {
  ball: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 8l3.8 2.8-1.4 4.4H9.600l-1.400-4.400zM12 3v5M20.500 9.500l-4.700 1.300M17.500 19l-3.100-3.800M6.500 19l3.100-3.800M3.500 9.500l4.700 1.300',
  search: 'M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l4.500 4.500',
  slip: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  list: 'M4 6h2M4 12h2M4 18h2M9 6h11M9 12h11M9 18h11',
  person: 'M12 4a4 4 0 100 8 4 4 0 000-8zM4.500 20.500c.8-4 3.900-6 7.500-6s6.700 2 7.500 6',
  bell: 'M6 16V11a6 6 0 0112 0v5l1.500 2h-15zM10 21h4',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  check: 'M5 12.500l4.500 4.500L19 7.500',
} as const;

type IconName = keyof typeof PATHS;

/** A drawing that says nothing by itself: what it is for stands beside it, or in its link's name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
